import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import pg from 'pg';
import { temporaryDir } from './temporary-dir.js';
import { startNats, type NatsOptions, type NatsServer } from '../servers/nats.js';
import { sharedPostgres } from './test-run.js';

/** An empty database for one test suite in the run's PostgreSQL; nobody needs to remove it. */
export async function createTestDatabase(): Promise<string> {
  const url = new URL(await sharedPostgres());
  const name = `test_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  url.pathname = `/${name}`;
  return url.href;
}

/** A nats-server for one test suite, with everything in a temporary folder that goes when it is stopped. */
export async function startTestNats(options: Omit<NatsOptions, 'dir'> = {}): Promise<NatsServer> {
  const dir = temporaryDir('nats');
  const server = await startNats({ ...options, dir });
  const stop = server.stop.bind(server);
  server.stop = async () => {
    await stop();
    rmSync(dir, { recursive: true, force: true });
  };
  return server;
}
