import { setTimeout as sleep } from 'node:timers/promises';
import {
  Global,
  Injectable,
  Logger,
  Module,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { errorText, Health } from '@kirisan/service';
import { DataSource } from 'typeorm';
import { RegistryConfig } from '../registry.config.js';
import { makeDataSource } from './data-source.js';
import { Database } from './database.js';

const RETRY_MS = 500;
const PULSE_MS = 1_000;

/** Keeps trying for as long as PostgreSQL is away: a service that starts before its database is no error. */
async function connectDatabase(config: RegistryConfig): Promise<DataSource> {
  const logger = new Logger('postgres');
  const dataSource = makeDataSource(config.databaseUrl, config.databaseConnections);
  for (;;) {
    try {
      return await dataSource.initialize();
    } catch (error) {
      logger.warn({ error: errorText(error) }, 'PostgreSQL is not reachable, trying again');
      await sleep(RETRY_MS);
    }
  }
}

/** Asks PostgreSQL once a second whether it is there, so that readiness costs nothing to ask. */
@Injectable()
class DatabaseLifecycle implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  private reachable = true;
  private asking = false;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly dataSource: DataSource,
    health: Health,
  ) {
    health.register('postgres', () => this.reachable || 'not reachable');
  }

  onModuleInit(): void {
    this.timer = setInterval(() => void this.ask(), PULSE_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  onApplicationShutdown(): Promise<void> {
    return this.dataSource.destroy();
  }

  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    this.reachable = await this.dataSource.query('SELECT 1').then(
      () => true,
      () => false,
    );
    this.asking = false;
  }
}

/** The registry's connection to its tables. */
@Global()
@Module({
  providers: [
    { provide: DataSource, useFactory: connectDatabase, inject: [RegistryConfig] },
    Database,
    DatabaseLifecycle,
  ],
  exports: [Database],
})
export class StorageModule {}
