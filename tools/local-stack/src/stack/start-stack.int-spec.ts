import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import { temporaryDir } from '../testing/temporary-dir.js';
import { LockHeldError } from '../process/lock.js';
import { pidAlive } from '../process/take-over.js';
import { natsLogin } from '../servers/nats.js';
import type { ServiceSpec } from '../services.js';
import { dummyServices } from '../testing/dummy-service.js';
import { waitFor } from '../wait-for.js';
import { PortInUseError } from './ports.js';
import type { StackFile } from './stack-file.js';
import type { RunningStack, StackOptions } from './stack-options.js';
import { startStack } from './start-stack.js';

const FAST = { firstMs: 100, longestMs: 1_000, healthyMs: 60_000 };

async function rows(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function environmentOf(url: string): Promise<Record<string, string>> {
  return (await (await fetch(`${url}/env`)).json()) as Record<string, string>;
}

describe('startStack', () => {
  let dir: string;
  let services: ServiceSpec[];
  let running: RunningStack;
  const options = (more: Partial<StackOptions> = {}): StackOptions => ({
    dir,
    services,
    ports: 'free',
    durable: false,
    backoff: FAST,
    env: { DUMMY_STOP_MS: '300' },
    ...more,
  });
  const file = () => JSON.parse(readFileSync(join(dir, 'stack.json'), 'utf8')) as StackFile;

  beforeAll(async () => {
    const root = temporaryDir('stack');
    services = dummyServices(join(root, 'apps'));
    dir = join(root, 'local');
    running = await startStack(options());
  }, 60_000);
  afterAll(() => running.stop());

  it('writes addresses and pids where only their owner reads them', () => {
    expect(file()).toEqual(running.stack);
    expect(Object.keys(file().pids).sort()).toEqual([
      'ingestor-demo',
      'nats',
      'postgres',
      'registry',
      'router',
    ]);
    expect(Object.keys(file().ingestors)).toEqual(['demo']);
    for (const name of ['stack.json', 'credentials.json'])
      expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
  });

  it('gives each service its own login on PostgreSQL and NATS', async () => {
    const env = await environmentOf(running.stack.registry);
    expect(env).toMatchObject({
      NATS_USER: 'registry',
      HOST: '127.0.0.1',
      ALLOW_HTTP: 'true',
      DUMMY_STOP_MS: '300',
    });
    expect(env.SECRET_KEYS).toMatch(/^k1:[A-Za-z0-9+/]{43}=$/);
    const who = await rows(
      env.DATABASE_URL as string,
      'SELECT current_user AS who, current_schema AS schema',
    );
    expect(who).toEqual([{ who: 'registry', schema: 'registry' }]);
    const nats = await connect({ servers: env.NATS_URL, user: env.NATS_USER, pass: env.NATS_PASSWORD });
    await nats.close();
    const other = await environmentOf(running.stack.ingestors.demo as string);
    expect(other.NATS_PASSWORD).not.toBe(env.NATS_PASSWORD);
    expect(other.DATABASE_URL).toBeUndefined();
  });

  it('runs migrations as the admin of NATS before the services', () => {
    const log = readFileSync(join(dir, 'logs', 'registry-migrate.log'), 'utf8');
    expect(log).toBe('migrating as admin\n');
  });

  it.each(['router', 'nats', 'postgres'])(
    'starts %s again after kill -9, on its old address',
    async (name) => {
      const before = running.stack;
      await running.kill(name);
      await waitFor(() => running.stack.pids[name] !== undefined, { what: `a new ${name}` });
      await running.ready();
      expect(running.stack.pids[name]).not.toBe(before.pids[name]);
      expect({ ...file(), pids: {} }).toEqual({ ...before, pids: {} });
      expect(file().pids).toEqual(running.stack.pids);
    },
  );

  it('serves again after the servers were killed', async () => {
    await rows(running.stack.databaseUrl, 'SELECT 1');
    const nats = await connect(natsLogin(running.stack.natsUrl));
    await nats.close();
  });

  it('restarts on request and waits until the service is ready', async () => {
    const before = running.stack.pids.router;
    await running.restart('router');
    expect(running.stack.pids.router).not.toBe(before);
    expect(running.logs('router')).toContain('finished');
  });

  it('refuses a second stack in the same folder', async () => {
    await expect(startStack(options())).rejects.toThrow(LockHeldError);
  });

  it('lets services finish, ends everything, and starts again with what it had', async () => {
    await rows(running.stack.databaseUrl, 'CREATE TABLE kept AS SELECT 7 AS n');
    const { pids, internalToken } = running.stack;
    await running.stop();
    for (const pid of Object.values(pids)) expect(pidAlive(pid)).toBe(false);
    expect(running.logs('router')).toContain('got SIGTERM\nfinished\n');
    expect(() => statSync(join(dir, 'stack.json'))).toThrow();
    running = await startStack(options());
    expect(running.stack.internalToken).toBe(internalToken);
    expect(await rows(running.stack.databaseUrl, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('runs migrations again only for another build', async () => {
    const migration = () => statSync(join(dir, 'logs', 'registry-migrate.log')).mtimeMs;
    const times: number[] = [];
    for (const build of ['one', 'one', 'two']) {
      await running.stop();
      running = await startStack(options({ build }));
      times.push(migration());
    }
    expect(times[1]).toBe(times[0]);
    expect(times[2]).toBeGreaterThan(times[1] as number);
  });

  it('leaves nothing running when a migration fails, and shows what it said', async () => {
    await running.stop();
    const failing = startStack(options({ env: { DUMMY_MIGRATE_EXIT: '1' } }));
    await expect(failing).rejects.toThrow(/migration of registry failed \(code 1\):\nmigrating as admin/);
    running = await startStack(options());
  });

  it('names the port that is taken and the setting that changes it', async () => {
    await running.stop();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const taken = services.map((service) => (service.name === 'router' ? { ...service, port } : service));
    const failing = startStack(options({ ports: 'fixed', services: taken }));
    await expect(failing).rejects.toThrow(PortInUseError);
    await expect(failing).rejects.toThrow(new RegExp(`Port ${port} .*ROUTER_PORT=`));
    other.close();
    running = await startStack(options());
  });

  it('gives up on a service that keeps ending at its start', async () => {
    await running.stop();
    const broken = services.map((service) =>
      service.name === 'router' ? { ...service, entry: 'dist/none.js' } : service,
    );
    await expect(startStack(options({ services: broken }))).rejects.toThrow(
      /router keeps ending at its start/,
    );
    running = await startStack(options());
  });
});
