import { join } from 'node:path';
import type { Server } from '../process/server-process.js';
import { startNats } from '../servers/nats.js';
import { startPostgres } from '../servers/postgres.js';
import type { Credentials } from './credentials.js';
import { ensureDatabase } from './database.js';
import { NATS_ADMIN, natsPassword } from './environment.js';
import { natsUsers } from './nats-users.js';

/** Called as soon as a server runs, before anything else can go wrong. */
export type Keep = (name: string, server: Server, logFile: string) => void;

/** Starts the stack's own PostgreSQL and returns the URL of its database. */
export async function ownDatabase(dir: string, port: number, durable: boolean, keep: Keep): Promise<string> {
  const server = await startPostgres({ dir: join(dir, 'postgres'), port, durable });
  keep('postgres', server, join(server.dir, 'postgres.log'));
  return ensureDatabase(server.url);
}

/** Starts the stack's own nats-server, with a user for each service, and returns the URL of the admin. */
export async function ownNats(
  dir: string,
  port: number,
  services: readonly string[],
  credentials: Credentials,
  keep: Keep,
): Promise<string> {
  const passwordOf = (user: string) => natsPassword(credentials, user);
  const users = [{ user: NATS_ADMIN, password: passwordOf(NATS_ADMIN) }, ...natsUsers(services, passwordOf)];
  const server = await startNats({ dir: join(dir, 'nats'), port, users });
  keep('nats', server, join(server.dir, 'nats.log'));
  return server.url;
}
