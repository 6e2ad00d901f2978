import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Lease, Messaging } from '@kirisan/messaging';
import { errorText } from '@kirisan/service';
import { LogServiceConfig } from '../log-service.config.js';
import { PARTITION_DAYS_AHEAD, PartitionRepository } from '../storage/partition.repository.js';
import { PurgeRepository } from './purge.repository.js';

const EVERY_MS = 3_600_000;
const AFTER_FAILURE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Claims outlive the horizon by this, so that clocks that differ open no gap. */
const MARGIN_DAYS = 1;

/** Makes the partitions of the coming days, drops those beyond the retention, forgets claims beyond the horizon. */
@Injectable()
export class RetentionService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('retention');
  private readonly stop = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly partitions: PartitionRepository,
    private readonly purge: PurgeRepository,
    private readonly config: LogServiceConfig,
    private readonly messaging: Messaging,
  ) {}

  onApplicationBootstrap(): void {
    const lease = new Lease(this.messaging, 'log-service.retention', randomUUID());
    this.running = lease.hold((held) => this.repeat(held), this.stop.signal);
  }

  async onModuleDestroy(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  private async repeat(held: AbortSignal): Promise<void> {
    while (!held.aborted) {
      const pause = await this.run(Date.now(), held).then(
        () => EVERY_MS,
        (error: unknown) => {
          this.logger.warn({ error: errorText(error) }, 'upkeep failed, trying again');
          return AFTER_FAILURE_MS;
        },
      );
      await sleep(pause, undefined, { signal: held }).catch(() => undefined);
    }
  }

  /** One upkeep as of `now` (Unix milliseconds). */
  async run(now: number, held: AbortSignal): Promise<void> {
    const { logRetentionDays, claimHorizonDays } = this.config;
    await this.partitions.ensureAhead(PARTITION_DAYS_AHEAD);
    const dropped = await this.partitions.dropBefore(new Date(now - logRetentionDays * DAY_MS));
    // Rows are found through their claims, so these stay for as long as either is promised.
    const days = Math.max(claimHorizonDays, logRetentionDays) + MARGIN_DAYS;
    const purged = await this.purge.purgeBefore(new Date(now - days * DAY_MS), held);
    if (dropped.length > 0 || purged > 0) this.logger.log({ dropped: dropped.join(','), purged }, 'upkeep');
  }
}
