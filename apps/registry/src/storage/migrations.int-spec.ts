import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@kirisan/local-stack';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { makeDataSource } from './data-source.js';
import { migrateDatabase } from './migrate-database.js';

let url: string;
let dataSource: DataSource;

beforeAll(async () => {
  url = await createTestDatabase();
  dataSource = await makeDataSource(url, 2).initialize();
}, 60_000);

afterAll(async () => {
  await dataSource?.destroy();
});

describe('the migrations', () => {
  it('make the tables that the entities describe', async () => {
    await migrateDatabase(dataSource);
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('may be run again, by several at a time', async () => {
    const other = await makeDataSource(url, 2).initialize();
    await Promise.all([migrateDatabase(dataSource), migrateDatabase(other)]);
    await other.destroy();
    expect(await dataSource.showMigrations()).toBe(false);
  });

  it('can be undone', async () => {
    await dataSource.undoLastMigration();
    await migrateDatabase(dataSource);
  });

  it('run as an owner of the schema without rights on the database', async () => {
    const admin = new pg.Client({ connectionString: await createTestDatabase() });
    await admin.connect();
    const role = `owner_${Date.now()}`;
    await admin.query(
      `CREATE ROLE ${role} LOGIN PASSWORD 'p'; CREATE SCHEMA registry AUTHORIZATION ${role};`,
    );
    const own = new URL(`postgres://${admin.host}:${admin.port}/${admin.database}`);
    own.username = role;
    own.password = 'p';
    const limited = await makeDataSource(own.href, 2).initialize();
    try {
      await migrateDatabase(limited);
      expect(await limited.query('SELECT count(*)::int AS n FROM registry.devices')).toEqual([{ n: 0 }]);
    } finally {
      await limited.destroy();
      await admin.end();
    }
  });
});
