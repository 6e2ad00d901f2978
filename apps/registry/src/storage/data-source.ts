import { DataSource } from 'typeorm';
import { DeviceEntity } from './device.entity.js';
import { EndpointDeviceEntity } from './endpoint-device.entity.js';
import { EndpointEntity } from './endpoint.entity.js';
import { CreateRegistry1763900000000 } from './migrations/create-registry.migration.js';
import { OutboxEntity } from './outbox.entity.js';
import { SealedSettingEntity } from './sealed-setting.entity.js';

export const SCHEMA = 'registry';
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;

/** The registry's database. */
export function makeDataSource(url: string, poolSize: number): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    schema: SCHEMA,
    entities: [DeviceEntity, EndpointEntity, EndpointDeviceEntity, OutboxEntity, SealedSettingEntity],
    migrations: [CreateRegistry1763900000000],
    migrationsTableName: 'migrations',
    poolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: 'registry',
    extra: { statement_timeout: STATEMENT_TIMEOUT_MS },
  });
}
