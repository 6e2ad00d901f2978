import { DataSource } from 'typeorm';
import { CreateLog1763900000000 } from './migrations/create-log.migration.js';
import { ClaimEntity } from './claim.entity.js';
import { DeliveryEntity } from './delivery.entity.js';
import { EventEntity } from './event.entity.js';
import { OpenDeliveryEntity } from './open-delivery.entity.js';
import { RegistrationEntity } from './registration.entity.js';

export interface DataSourceOptions {
  url: string;
  /** Connections. */
  poolSize: number;
  /** Milliseconds after which PostgreSQL gives up a statement. */
  statementTimeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** The log's database for queries, migrations and upkeep; the hot path has a pool of its own (`HotPath`). */
export function makeDataSource({ url, poolSize, statementTimeoutMs }: DataSourceOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    schema: 'log',
    entities: [ClaimEntity, DeliveryEntity, EventEntity, OpenDeliveryEntity, RegistrationEntity],
    migrations: [CreateLog1763900000000],
    migrationsTableName: 'migrations',
    poolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: 'log-service',
    extra: { statement_timeout: statementTimeoutMs },
  });
}
