import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { inboxPrefix } from '@kirisan/contracts';
import {
  discoverServices,
  ensureNatsServer,
  freePort,
  startNats,
  type NatsServer,
} from '@kirisan/local-stack';

const root = join(import.meta.dirname, '..');
let checkout: string;
let secrets: Record<string, string>;

/** What an operator has after `deploy/make-secrets`. */
beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'deploy-'));
  mkdirSync(join(checkout, 'deploy'));
  cpSync(join(root, '.env.example'), join(checkout, '.env.example'));
  cpSync(join(root, 'deploy/make-secrets'), join(checkout, 'deploy/make-secrets'));
  makeSecrets();
  secrets = read('.env');
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

const makeSecrets = () => execFileSync(join(checkout, 'deploy/make-secrets'), { encoding: 'utf8' });
const read = (file: string) =>
  Object.fromEntries(
    readFileSync(join(checkout, file), 'utf8')
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  ) as Record<string, string>;

describe('make-secrets', () => {
  it('makes what must be set, for its owner alone', () => {
    const required = readFileSync(join(root, '.env.example'), 'utf8').match(/^[A-Z0-9_]+(?==$)/gm);
    expect(Object.keys(secrets).sort()).toEqual([...required!].sort());
    expect(new Set(Object.values(secrets)).size).toBe(required!.length);
    expect(Buffer.from(secrets.SECRET_KEYS!.split(':')[1]!, 'base64')).toHaveLength(32);
    for (const file of ['.env', 'deploy/nats.env']) {
      expect(statSync(join(checkout, file)).mode & 0o777).toBe(0o600);
    }
    expect(Object.keys(read('deploy/nats.env')).every((name) => name.startsWith('NATS_PASSWORD_'))).toBe(
      true,
    );
  });

  it('keeps what is set, and makes what is new', () => {
    const changed: Record<string, string> = { ...secrets, NATS_PASSWORD_ROUTER: 'chosen' };
    delete changed.METRICS_TOKEN;
    const lines = Object.entries(changed).map(([name, value]) => `${name}=${value}`);
    writeFileSync(join(checkout, '.env'), lines.join('\n'));
    expect(makeSecrets()).toContain('made 1 secrets');
    const { METRICS_TOKEN: made, ...kept } = read('.env');
    expect(made).toMatch(/^s[0-9a-f]{48}$/);
    expect({ ...kept, METRICS_TOKEN: secrets.METRICS_TOKEN }).toEqual({
      ...changed,
      METRICS_TOKEN: secrets.METRICS_TOKEN,
    });
    expect(read('deploy/nats.env').NATS_PASSWORD_ROUTER).toBe('chosen');
  });
});

describe('nats.conf', () => {
  const text = readFileSync(join(root, 'deploy/nats.conf'), 'utf8');
  let nats: NatsServer;

  beforeAll(async () => {
    const [port, monitor] = [await freePort(), await freePort()];
    const dir = join(checkout, 'nats');
    const here = text
      .replace('"0.0.0.0:4222"', `"127.0.0.1:${port}"`)
      .replace('"127.0.0.1:8222"', `"127.0.0.1:${monitor}"`)
      .replace('"/data"', JSON.stringify(join(dir, 'jetstream')));
    // A variable is looked for in the file first, then in the environment.
    const variables = Object.entries({ ...read('deploy/nats.env'), NATS_SYNC_INTERVAL: '120s' });
    const values = variables.map(([name, value]) => `${name}: "${value}"\n`).join('');
    nats = await startNats({ dir, port, configText: values + here });
  });
  afterAll(() => nats?.stop());

  const passwordOf = (user: string) =>
    read('deploy/nats.env')[`NATS_PASSWORD_${user.toUpperCase().replaceAll('-', '_')}`];
  const as = (user: string, pass = passwordOf(user)) =>
    connect({ servers: nats.url, user, pass, inboxPrefix: inboxPrefix(user), reconnect: false });

  it.each([...discoverServices(root).map(({ name }) => name), 'admin'])(
    'lets %s in with its password',
    async (user) => {
      const connection = await as(user);
      expect(connection.info?.max_payload).toBe(8 * 1024 * 1024);
      await connection.close();
      await expect(as(user, 'wrong')).rejects.toThrow(/authorization/i);
    },
  );

  it('lets the admin alone make streams', async () => {
    const admin = await as('admin');
    await (await jetstreamManager(admin)).streams.add({ name: 'TRY', subjects: ['try'] });
    await admin.close();
    const router = await as('router');
    const manager = await jetstreamManager(router, { timeout: 1_000 });
    await expect(manager.streams.add({ name: 'OTHER', subjects: ['other'] })).rejects.toThrow(/permission/i);
    await router.close();
  });

  it.each(['always', '120s'])('is taken by nats-server with NATS_SYNC_INTERVAL=%s', async (interval) => {
    const binary = await ensureNatsServer();
    const check = () =>
      execFileSync(binary, ['-t', '-c', join(root, 'deploy/nats.conf')], {
        env: { ...secrets, NATS_SYNC_INTERVAL: interval },
        stdio: 'pipe',
      });
    expect(check).not.toThrow();
  });

  it('is refused without a password', async () => {
    const binary = await ensureNatsServer();
    const { NATS_PASSWORD_ROUTER: _, ...others } = secrets;
    const env = { ...others, NATS_SYNC_INTERVAL: '120s' };
    expect(() =>
      execFileSync(binary, ['-t', '-c', join(root, 'deploy/nats.conf')], { env, stdio: 'pipe' }),
    ).toThrow(/NATS_PASSWORD_ROUTER/);
  });
});
