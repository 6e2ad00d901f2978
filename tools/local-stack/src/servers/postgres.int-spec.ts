import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { temporaryDir } from '../testing/temporary-dir.js';
import { pidAlive } from '../process/take-over.js';
import { startPostgres, type PostgresServer } from './postgres.js';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('startPostgres', () => {
  let server: PostgresServer;
  let dir: string;

  beforeAll(async () => {
    dir = temporaryDir('pg');
    server = await startPostgres({ dir });
  }, 60_000);
  afterAll(() => server.stop());

  it('asks for the password, which it keeps readable for its owner alone', async () => {
    const file = join(server.dir, 'password');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(server.url).toContain(readFileSync(file, 'utf8').trim());
    await expect(query(server.url.replace(/:[^:@]*@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(/password/);
  });

  it('flushes to the disk', async () => {
    expect(await query(server.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  });

  it('keeps committed rows over kill -9 and a restart on the same port', async () => {
    const url = await server.createDatabase('kept');
    await query(url, 'CREATE TABLE t AS SELECT 42 AS n');
    const { pid, port } = server;
    await server.kill();
    expect(pidAlive(pid)).toBe(false);
    await server.restart();
    expect(server.port).toBe(port);
    expect(await query(url, 'SELECT n FROM t')).toEqual([{ n: 42 }]);
  });

  it('keeps data and password for the next start on the same folder', async () => {
    const before = server.url;
    await server.stop();
    server = await startPostgres({ dir, port: server.port });
    expect(server.url).toBe(before);
    expect(await query(server.url, "SELECT datname FROM pg_database WHERE datname = 'kept'")).toHaveLength(1);
  });

  it('is not fooled by a pid file whose pid is somebody else now', async () => {
    const file = join(server.dir, 'data', 'postmaster.pid');
    const content = readFileSync(file, 'utf8');
    await server.kill();
    writeFileSync(file, content.replace(/^\d+/, String(process.pid)));
    await server.restart();
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('refuses a folder that is in use', async () => {
    await expect(startPostgres({ dir })).rejects.toThrow(/in use by process/);
  });

  it('tells of a crash, and not of a stop', async () => {
    const crashes: unknown[] = [];
    const crashed = new Promise<void>((resolve) =>
      server.onCrash((exit) => resolve(void crashes.push(exit))),
    );
    process.kill(server.pid, 'SIGKILL');
    await crashed;
    await server.restart();
    await server.stop();
    await server.restart();
    expect(crashes).toEqual([{ code: null, signal: 'SIGKILL' }]);
  });
});
