import { loadConfig } from '@kirisan/service';
import { MigrateConfig } from './migrate.config.js';
import { makeDataSource } from './storage/data-source.js';
import { migrateDatabase } from './storage/migrate-database.js';

/** A large log may need its time for a new index. */
const STATEMENT_TIMEOUT_MS = 3_600_000;

/** One-shot: brings the log's schema up to date, and makes the partitions of the next days. */
const { databaseUrl } = loadConfig(MigrateConfig);
const dataSource = makeDataSource({
  url: databaseUrl,
  poolSize: 2,
  statementTimeoutMs: STATEMENT_TIMEOUT_MS,
});
await dataSource.initialize();
try {
  await migrateDatabase(dataSource);
} finally {
  await dataSource.destroy();
}
