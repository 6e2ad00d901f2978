import { createTestDatabase } from '@kirisan/local-stack';
import { Metrics } from '@kirisan/service';
import { DataSource } from 'typeorm';
import { ClaimRepository } from '../claim/claim.repository.js';
import { ClaimService } from '../claim/claim.service.js';
import { LogServiceConfig } from '../log-service.config.js';
import { CatalogRepository } from '../storage/catalog.repository.js';
import { makeDataSource } from '../storage/data-source.js';
import { HotPath } from '../storage/hot-path.js';
import { migrateDatabase } from '../storage/migrate-database.js';
import { PartitionRepository } from '../storage/partition.repository.js';

/** A log of its own in a real PostgreSQL, and one copy of what works on it. */
export interface LogDatabase {
  config: LogServiceConfig;
  dataSource: DataSource;
  /** Another copy of the claim service, as if in another process. */
  claimService: () => ClaimService;
  hotPath: () => HotPath;
  catalog: CatalogRepository;
  partitions: PartitionRepository;
  close: () => Promise<void>;
}

export async function createLogDatabase(): Promise<LogDatabase> {
  const config = Object.assign(new LogServiceConfig(), { databaseUrl: await createTestDatabase() });
  const dataSource = makeDataSource({ url: config.databaseUrl, poolSize: 8, statementTimeoutMs: 10_000 });
  await dataSource.initialize();
  await migrateDatabase(dataSource);
  const partitions = new PartitionRepository(dataSource);
  const paths: HotPath[] = [];
  const hotPath = () => {
    const path = new HotPath(config, partitions, new Metrics());
    paths.push(path);
    return path;
  };
  const claimService = () =>
    new ClaimService(
      new ClaimRepository(hotPath(), new CatalogRepository(dataSource), dataSource),
      new Metrics(),
    );
  const close = async () => {
    for (const path of paths) await path.onApplicationShutdown();
    await dataSource.destroy();
  };
  return {
    config,
    dataSource,
    claimService,
    hotPath,
    catalog: new CatalogRepository(dataSource),
    partitions,
    close,
  };
}
