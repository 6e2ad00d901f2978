import type { DataSource } from 'typeorm';
import { SCHEMA } from './data-source.js';

/** Any number, the same for every migration of the registry. */
const LOCK = 7_201_953;

/** Brings schema `registry` up to date; may be run again, and by several at a time. */
export async function migrateDatabase(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    // Held to the end, so that a second migration waits and then finds nothing to do.
    await runner.query('SELECT pg_advisory_lock($1)', [LOCK]);
    // CREATE SCHEMA IF NOT EXISTS asks for rights on the database even where the schema is there.
    const found = await runner.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [SCHEMA]);
    if (found.length === 0) await runner.query(`CREATE SCHEMA ${SCHEMA}`);
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    await runner.release();
  }
}
