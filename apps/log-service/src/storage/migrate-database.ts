import type { DataSource } from 'typeorm';
import { PARTITION_DAYS_AHEAD, PartitionRepository } from './partition.repository.js';

/** Brings schema `log` up to date; may be run again, and by several at a time. */
export async function migrateDatabase(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    // Held to the end of the session's work, so that a second migration waits and then finds nothing to do.
    await runner.query('SELECT pg_advisory_lock(7201954)');
    // CREATE SCHEMA IF NOT EXISTS asks for rights on the database even where the schema is there.
    const found = await runner.query("SELECT 1 FROM pg_namespace WHERE nspname = 'log'");
    if (found.length === 0) await runner.query('CREATE SCHEMA log');
    await dataSource.runMigrations({ transaction: 'each' });
    await new PartitionRepository(dataSource).ensureAhead(PARTITION_DAYS_AHEAD);
  } finally {
    await runner.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
    await runner.release();
  }
}
