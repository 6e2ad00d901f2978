import { Global, Injectable, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { errorText, Health } from '@kirisan/service';
import { DataSource } from 'typeorm';
import { setTimeout as sleep } from 'node:timers/promises';
import { CatalogRepository } from './catalog.repository.js';
import { makeDataSource } from './data-source.js';
import { DatabasePulse } from './database-pulse.js';
import { DeadLetters } from './dead-letters.client.js';
import { HotPath } from './hot-path.js';
import { PartitionRepository } from './partition.repository.js';
import { SearchPath } from './search-path.js';
import { LogServiceConfig } from '../log-service.config.js';

const RETRY_MS = 500;

/** Keeps trying for as long as PostgreSQL is away: a service that starts before its database is no error. */
async function connectDatabase(config: LogServiceConfig): Promise<DataSource> {
  const logger = new Logger('postgres');
  const dataSource = makeDataSource({
    url: config.databaseUrl,
    poolSize: config.queryConnections,
    statementTimeoutMs: config.queryTimeoutMs,
  });
  for (;;) {
    try {
      return await dataSource.initialize();
    } catch (error) {
      logger.warn({ error: errorText(error) }, 'PostgreSQL is not reachable, trying again');
      await sleep(RETRY_MS);
    }
  }
}

@Injectable()
class DatabaseLifecycle implements OnApplicationShutdown {
  constructor(
    private readonly dataSource: DataSource,
    pulse: DatabasePulse,
    health: Health,
  ) {
    health.register('postgres', () => pulse.up || 'not reachable');
  }

  async onApplicationShutdown(): Promise<void> {
    await this.dataSource.destroy();
  }
}

const SHARED = [CatalogRepository, DatabasePulse, DeadLetters, HotPath, PartitionRepository, SearchPath];

/** The log's database: connections, catalog, partitions. */
@Global()
@Module({
  providers: [
    { provide: DataSource, useFactory: connectDatabase, inject: [LogServiceConfig] },
    DatabaseLifecycle,
    ...SHARED,
  ],
  exports: [DataSource, ...SHARED],
})
export class StorageModule {}
