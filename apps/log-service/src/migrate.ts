import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';
import { loadConfig } from '@kirisan/service';
import { MigrateConfig } from './migrate.config.js';
import { makeDataSource } from './storage/data-source.js';
import { migrateDatabase } from './storage/migrate-database.js';

/** A large log may need its time for a new index. */
const STATEMENT_TIMEOUT_MS = 3_600_000;

const config = loadConfig(MigrateConfig);

const dataSource = makeDataSource({
  url: config.databaseUrl,
  poolSize: 2,
  statementTimeoutMs: STATEMENT_TIMEOUT_MS,
});
await dataSource.initialize();
await migrateDatabase(dataSource);
await dataSource.destroy();

const messaging = new Messaging(await connectNats(config));
await applyTopology(messaging, { replicas: config.natsReplicas });
await messaging.close();
