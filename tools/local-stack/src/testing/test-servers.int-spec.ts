import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, startTestNats } from './test-servers.js';

async function tables(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('CREATE TABLE mine (n int)');
    const sql = "SELECT 1 FROM pg_tables WHERE schemaname = 'public'";
    return (await client.query(sql)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

describe('the test servers', () => {
  it('give every suite an empty database of one and the same PostgreSQL', async () => {
    const urls = await Promise.all([createTestDatabase(), createTestDatabase()]);
    expect(await Promise.all(urls.map(tables))).toEqual([1, 1]);
    expect(new URL(urls[0] as string).port).toBe(new URL(urls[1] as string).port);
  });

  it('remove the folder of a nats-server when it is stopped, not when it is restarted', async () => {
    const nats = await startTestNats();
    await nats.restart();
    expect(existsSync(nats.dir)).toBe(true);
    await nats.stop();
    expect(existsSync(nats.dir)).toBe(false);
  });
});
