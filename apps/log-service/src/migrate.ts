import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';
import { loadConfig } from '@kirisan/service';
import { MigrateConfig } from './migrate.config.js';
import { makeDataSource } from './storage/data-source.js';
import { migrateDatabase } from './storage/migrate-database.js';

/** A large log may need its time for a new index. */
const STATEMENT_TIMEOUT_MS = 3_600_000;

/** NATS is waited for, but a migration that hangs for ever helps nobody. */
const NATS_PATIENCE_MS = 60_000;

const config = loadConfig(MigrateConfig);

const dataSource = makeDataSource({
  url: config.databaseUrl,
  poolSize: 2,
  statementTimeoutMs: STATEMENT_TIMEOUT_MS,
});
await dataSource.initialize();
await migrateDatabase(dataSource);
await dataSource.destroy();

const patience = setTimeout(() => {
  process.stderr.write('NATS did not become reachable, nothing was changed there\n');
  process.exit(1);
}, NATS_PATIENCE_MS);
const messaging = new Messaging(await connectNats(config));
clearTimeout(patience);
await applyTopology(messaging, { replicas: config.natsReplicas });
await messaging.close();
