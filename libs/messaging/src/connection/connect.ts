import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import { inboxPrefix } from '@kirisan/contracts';
import { errorText, type ServiceConfig } from '@kirisan/service';

const RETRY_MS = 500;

type NatsSettings = Pick<ServiceConfig, 'natsUrl' | 'natsUser' | 'natsPassword'>;

/** Connects as the service's own user, and keeps trying for as long as NATS is away; reconnects for ever. */
export async function connectNats(config: NatsSettings): Promise<NatsConnection> {
  const logger = new Logger('nats');
  for (;;) {
    try {
      return await connect(connectionOptions(config));
    } catch (error) {
      logger.warn({ error: errorText(error) }, 'NATS is not reachable, trying again');
      await sleep(RETRY_MS);
    }
  }
}

/** Credentials may stand in the URL (`nats://user:password@host:port`) or in settings of their own. */
function connectionOptions({ natsUrl, natsUser, natsPassword }: NatsSettings): ConnectionOptions {
  const servers = natsUrl
    .split(',')
    .map((server) => new URL(server.includes('://') ? server : `nats://${server}`));
  const user = natsUser || decodeURIComponent(servers[0]!.username);
  const pass = natsPassword || decodeURIComponent(servers[0]!.password);
  return {
    servers: servers.map((url) => url.host),
    name: user || 'kirisan',
    ...(user ? { user, pass, inboxPrefix: inboxPrefix(user) } : {}),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    pingInterval: 5_000,
    maxPingOut: 2,
    timeout: 5_000,
  };
}
