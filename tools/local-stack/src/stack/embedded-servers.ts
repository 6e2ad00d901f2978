import { join } from 'node:path';
import type { Server } from '../process/server-process.js';
import { startNats } from '../servers/nats.js';
import { startPostgres } from '../servers/postgres.js';
import type { Credentials } from './credentials.js';
import { ensureDatabase } from './database.js';
import { NATS_ADMIN, natsPassword } from './environment.js';
import { natsUsers } from './nats-users.js';

/** How the stack reaches a server, and the folder of its data if the server is its own. */
export interface Backing {
  url: string;
  dir?: string;
}

/** Called as soon as a server runs, before anything else can go wrong. */
export type Keep = (name: string, server: Server, logFile: string) => void;

/** Starts the stack's own PostgreSQL and returns its database. */
export async function ownDatabase(dir: string, port: number, durable: boolean, keep: Keep): Promise<Backing> {
  const server = await startPostgres({ dir: join(dir, 'postgres'), port, durable });
  keep('postgres', server, join(server.dir, 'postgres.log'));
  return { url: await ensureDatabase(server.url), dir: server.dir };
}

/** Starts the stack's own nats-server, with a user for each service, and returns the admin's URL. */
export async function ownNats(
  dir: string,
  port: number,
  services: readonly string[],
  credentials: Credentials,
  keep: Keep,
): Promise<Backing> {
  const passwordOf = (user: string) => natsPassword(credentials, user);
  const users = [{ user: NATS_ADMIN, password: passwordOf(NATS_ADMIN) }, ...natsUsers(services, passwordOf)];
  const server = await startNats({ dir: join(dir, 'nats'), port, users });
  keep('nats', server, join(server.dir, 'nats.log'));
  return { url: server.url, dir: server.dir };
}
