import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { NatsServer } from '../servers/nats.js';
import { dummyServices } from '../testing/dummy-service.js';
import { temporaryDir } from '../testing/temporary-dir.js';
import { createTestDatabase, startTestNats } from '../testing/test-servers.js';
import type { RunningStack } from './stack-options.js';
import { startStack } from './start-stack.js';

describe('startStack with servers of somebody else', () => {
  let nats: NatsServer;
  let databaseUrl: string;
  let running: RunningStack | undefined;
  const notes: string[] = [];

  beforeAll(async () => {
    nats = await startTestNats({ users: [{ user: 'shared', password: 'secret' }] });
    databaseUrl = await createTestDatabase();
  }, 60_000);
  afterAll(async () => {
    await running?.stop();
    await nats.stop();
  });

  async function start(url: string): Promise<Record<string, string>> {
    await running?.stop();
    const root = temporaryDir('other');
    const services = dummyServices(join(root, 'apps'));
    const onNote = (text: string) => notes.push(text);
    running = await startStack({
      dir: join(root, 'local'),
      services,
      ports: 'free',
      databaseUrl: url,
      natsUrl: nats.url,
      onNote,
    });
    return (await (await fetch(`${running.stack.registry}/env`)).json()) as Record<string, string>;
  }

  it('starts none of its own and uses the login of the URL', async () => {
    const env = await start(databaseUrl);
    expect(Object.keys(running?.stack.pids ?? {}).sort()).toEqual(['ingestor-demo', 'registry', 'router']);
    expect(env).toMatchObject({
      NATS_URL: `nats://127.0.0.1:${nats.port}`,
      NATS_USER: 'shared',
      NATS_PASSWORD: 'secret',
    });
    expect(new URL(env.DATABASE_URL as string).username).toBe('registry');
  });

  it('shares the one database user if that may not make others', async () => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(`
      CREATE ROLE plain LOGIN PASSWORD 'plain';
      GRANT CREATE ON DATABASE ${client.escapeIdentifier(client.database as string)} TO plain;
      DROP SCHEMA registry;`);
    await client.end();
    const url = databaseUrl.replace(/\/\/[^@]*@/, '//plain:plain@');
    const env = await start(url);
    expect(env.DATABASE_URL).toBe(url);
    expect(notes).toContainEqual(expect.stringMatching(/share this user/));
  });
});
