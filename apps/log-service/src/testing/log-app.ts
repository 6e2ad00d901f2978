import { createTestDatabase, type NatsServer, startTestNats } from '@kirisan/local-stack';
import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';
import { createService } from '@kirisan/service';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogServiceConfig } from '../log-service.config.js';
import { LOG_SERVICE } from '../log-service.options.js';
import { makeDataSource } from '../storage/data-source.js';
import { migrateDatabase } from '../storage/migrate-database.js';

const TOKEN = 'internal-token-of-this-test';

/** The whole service on a real PostgreSQL and a real nats-server, and a connection of a worker beside it. */
export interface LogApp {
  app: NestFastifyApplication;
  nats: NatsServer;
  /** As another service would be connected. */
  messaging: Messaging;
  config: LogServiceConfig;
  /** Another copy of the service. */
  copy: () => Promise<NestFastifyApplication>;
  get: <T>(path: string, token?: string) => Promise<{ status: number; body: T }>;
  close: () => Promise<void>;
}

export async function startLogApp(settings: Partial<LogServiceConfig> = {}): Promise<LogApp> {
  const [databaseUrl, nats] = await Promise.all([
    settings.databaseUrl ?? createTestDatabase(),
    startTestNats(),
  ]);
  const dataSource = makeDataSource({ url: databaseUrl, poolSize: 2, statementTimeoutMs: 10_000 });
  await migrateDatabase(await dataSource.initialize());
  await dataSource.destroy();
  const messaging = new Messaging(await connectNats({ natsUrl: nats.url, natsUser: '', natsPassword: '' }));
  await applyTopology(messaging, { replicas: 1 });

  const config = Object.assign(new LogServiceConfig(), {
    databaseUrl,
    natsUrl: nats.url,
    internalToken: TOKEN,
    logLevel: 'fatal',
    ...settings,
  });
  const apps: NestFastifyApplication[] = [];
  const copy = async () => {
    const app = await createService(LOG_SERVICE, config);
    await app.startAllMicroservices();
    await app.listen({ port: 0, host: '127.0.0.1' });
    apps.push(app);
    return app;
  };
  const app = await copy();
  const get = async <T>(path: string, token = TOKEN) => {
    const answer = await fetch(`${await app.getUrl()}${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: answer.status, body: (await answer.json()) as T };
  };
  const close = async () => {
    for (const one of apps) await one.close();
    await messaging.close();
    await nats.stop();
  };
  return { app, nats, messaging, config, copy, get, close };
}
