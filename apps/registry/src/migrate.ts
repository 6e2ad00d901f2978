import 'reflect-metadata';
import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';
import { loadConfig } from '@kirisan/service';
import { MigrationConfig } from './registry.config.js';
import { makeDataSource } from './storage/data-source.js';
import { migrateDatabase } from './storage/migrate-database.js';

/** One-shot: brings the registry's schema, and the streams and buckets of the whole system, up to date. */
const config = loadConfig(MigrationConfig);
const dataSource = await makeDataSource(config.databaseUrl, 2).initialize();
try {
  await migrateDatabase(dataSource);
} finally {
  await dataSource.destroy();
}
const messaging = new Messaging(await connectNats(config));
try {
  await applyTopology(messaging, { replicas: config.natsReplicas });
} finally {
  await messaging.close();
}
