import { BUCKETS, natsPermissions } from '@kirisan/contracts';
import { createTestDatabase, type NatsServer, startTestNats, waitFor } from '@kirisan/local-stack';
import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';
import { createService } from '@kirisan/service';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { RegistryConfig } from '../registry.config.js';
import { registryService } from '../registry.module.js';
import { makeDataSource } from '../storage/data-source.js';
import { migrateDatabase } from '../storage/migrate-database.js';
import { TEST_CHANNELS } from './channels.js';

const TOKEN = 'token-of-the-tests';
export const TEST_KEY = `k1:${Buffer.alloc(32, 1).toString('base64')}`;

/** Rights to everything, and those that the service has in production. */
const ADMIN = { user: 'admin', password: 'admin' };
const SERVICE = { user: 'registry', password: 'own', ...natsPermissions('registry'), allowResponses: true };

/** An answer as it was parsed: tests look into it as they expect it to be. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Answer {
  status: number;
  body: Json;
  text: string;
}

/** A whole registry on a real PostgreSQL and nats-server, with channels announced. */
export class RegistryHarness {
  readonly apps: NestFastifyApplication[] = [];
  nats: NatsServer;
  /** Rights to everything. */
  admin: Messaging;
  databaseUrl: string;

  static async start(settings: Partial<RegistryConfig> = {}): Promise<RegistryHarness> {
    const harness = new RegistryHarness();
    harness.nats = await startTestNats({ users: [ADMIN, SERVICE] });
    harness.admin = await harness.connect();
    await applyTopology(harness.admin, { replicas: 1 });
    for (const channel of TEST_CHANNELS) await harness.announce(channel.name, channel);
    harness.databaseUrl = await createTestDatabase();
    const dataSource = await makeDataSource(harness.databaseUrl, 2).initialize();
    await migrateDatabase(dataSource);
    await dataSource.destroy();
    await harness.startCopy(settings);
    return harness;
  }

  async connect(): Promise<Messaging> {
    return new Messaging(await connectNats({ natsUrl: this.nats.url, natsUser: '', natsPassword: '' }));
  }

  async announce(name: string, descriptor: object): Promise<void> {
    await (await this.admin.bucket(BUCKETS.channels)).put(name, JSON.stringify(descriptor));
  }

  /** One more copy of the registry. */
  async startCopy(settings: Partial<RegistryConfig> = {}): Promise<NestFastifyApplication> {
    const config = Object.assign(new RegistryConfig(), {
      logLevel: 'fatal',
      natsUrl: this.nats.url.replace(/\/\/.*@/, '//'),
      natsUser: SERVICE.user,
      natsPassword: SERVICE.password,
      internalToken: TOKEN,
      databaseUrl: this.databaseUrl,
      secretKeys: TEST_KEY,
      ...settings,
    });
    const app = await createService(registryService, config);
    await app.startAllMicroservices();
    await app.listen({ port: 0, host: '127.0.0.1' });
    this.apps.push(app);
    const known = async () => (await this.call('GET', '/v1/channels', undefined, app)).body.items.length > 0;
    await waitFor(known, { timeoutMs: 10_000, intervalMs: 20, what: 'the channels' });
    return app;
  }

  async stopCopy(app: NestFastifyApplication): Promise<void> {
    this.apps.splice(this.apps.indexOf(app), 1);
    await app.close();
  }

  async call(method: string, path: string, payload?: unknown, app = this.apps[0]!): Promise<Answer> {
    const response = await fetch(`${await app.getUrl()}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(payload !== undefined && { 'content-type': 'application/json' }),
      },
      ...(payload !== undefined && { body: typeof payload === 'string' ? payload : JSON.stringify(payload) }),
    });
    const text = await response.text();
    return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : text };
  }

  /** What it answers is expected to be fine. */
  async ok(method: string, url: string, payload?: unknown): Promise<Json> {
    const { status, body } = await this.call(method, url, payload);
    if (status >= 300) throw new Error(`${method} ${url} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** What a bucket holds under a key. */
  async stored(bucket: { name: string }, key: string): Promise<Json> {
    const spec = Object.values(BUCKETS).find(({ name }) => name === bucket.name)!;
    const entry = await (await this.admin.bucket(spec)).get(key);
    return entry?.operation === 'PUT' ? entry.json() : undefined;
  }

  /** Waits until nothing is left to be published. */
  async settled(): Promise<void> {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      const empty = async () => (await client.query('SELECT 1 FROM registry.outbox LIMIT 1')).rowCount === 0;
      await waitFor(empty, { timeoutMs: 15_000, intervalMs: 20, what: 'an empty outbox' });
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    for (const app of this.apps.splice(0)) await app.close();
    await this.admin?.close();
    await this.nats?.stop();
  }
}

let counter = 0;
export const uniqueNumber = () => `${Date.now()}${++counter}`;
export const botDevice = (more: object = {}) => ({
  channel: 'bots',
  name: 'Bot',
  credentials: { botToken: `${uniqueNumber()}:abc` },
  ...more,
});
export const numberDevice = (more: object = {}) => ({
  channel: 'numbers',
  name: 'Number',
  credentials: { phoneNumberId: uniqueNumber(), appSecret: 'app-secret' },
  ...more,
});
