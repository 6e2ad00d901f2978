import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { RevisionConflictError, type StoredKey } from '@kirisan/directory';
import { Messaging } from '@kirisan/messaging';
import { errorText, TransientError } from '@kirisan/service';
import type { EntityManager } from 'typeorm';
import { RegistryConfig } from '../registry.config.js';
import { Database } from '../storage/database.js';
import type { BucketKey } from './bucket-keys.js';
import { BucketWriters } from './bucket-writers.js';
import { type Desired, DesiredStateRepository } from './desired-state.repository.js';
import { OutboxRepository } from './outbox.repository.js';

const BATCH = 200;
const CONFLICT_TRIES = 20;

/**
 * Makes the buckets equal to the tables, key by key. A key's revision is read from the bucket before its value is read
 * from the tables, and the write holds only if that revision is still the newest: so whatever copies do at the same
 * time, an older state never replaces a newer one.
 */
@Injectable()
export class DirectoryPublisher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('directory-publisher');
  private timer?: NodeJS.Timeout;
  private round?: Promise<void>;
  private again = false;

  constructor(
    private readonly database: Database,
    private readonly messaging: Messaging,
    private readonly buckets: BucketWriters,
    private readonly desired: DesiredStateRepository,
    private readonly outbox: OutboxRepository,
    private readonly config: RegistryConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.nudge(), this.config.outboxPollMs);
    this.messaging.onReconnect(() => this.nudge());
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }

  /** Something was committed: publish it now rather than at the next look. */
  nudge(): void {
    void this.run();
  }

  /** Resolves when everything committed before the call is published, or after `timeoutMs`: it will be, later. */
  async published(timeoutMs: number): Promise<void> {
    await Promise.race([this.run(), sleep(timeoutMs, undefined, { ref: false })]);
  }

  /** Publishes one key at once and answers its revision in the bucket. Throws `TransientError`. */
  async publishKey({ bucket, key }: BucketKey): Promise<number> {
    for (let tries = 1; tries <= CONFLICT_TRIES; tries++) {
      const stored = await this.buckets.of(bucket).read(key);
      const [desired] = await this.database.read((manager) => this.desired.of(manager, [{ bucket, key }]));
      try {
        return await this.write({ bucket, key }, stored, desired!);
      } catch (error) {
        if (!(error instanceof RevisionConflictError)) throw error;
      }
    }
    throw new TransientError(`${bucket} ${key} is being written by others`);
  }

  private async run(): Promise<void> {
    // What is under way may have looked before the commit, so a caller needs a round that starts after it.
    if (this.round) {
      this.again = true;
      return this.round;
    }
    this.round = this.rounds().finally(() => (this.round = undefined));
    return this.round;
  }

  private async rounds(): Promise<void> {
    do {
      this.again = false;
      try {
        while (this.messaging.connected && (await this.publishBatch())) continue;
      } catch (error) {
        this.logger.warn({ error: errorText(error) }, 'changes wait to be published');
      }
    } while (this.again);
  }

  /** Whether there may be more to do at once. */
  private publishBatch(): Promise<boolean> {
    return this.database.write(async (manager) => {
      const rows = await this.outbox.take(manager, BATCH);
      const keys = [
        ...new Map(rows.map(({ bucket, key }) => [`${bucket} ${key}`, { bucket, key }])).values(),
      ];
      const failures = await this.publishAll(manager, keys);
      const done = rows.filter(({ bucket, key }) => !failures.has(`${bucket} ${key}`));
      await this.outbox.remove(manager, done);
      const [problem] = [...failures.values()].filter((error) => !(error instanceof RevisionConflictError));
      if (problem === undefined) return rows.length === BATCH || failures.size > 0;
      this.logger.warn({ error: errorText(problem), keys: failures.size }, 'changes wait to be published');
      return false;
    });
  }

  /** Answers why keys were not published; a conflict means that somebody else wrote the key meanwhile. */
  private async publishAll(manager: EntityManager, keys: BucketKey[]): Promise<Map<string, unknown>> {
    const stored = await Promise.allSettled(keys.map(({ bucket, key }) => this.buckets.of(bucket).read(key)));
    const desired = await this.desired.of(manager, keys);
    const writing = keys.map(async (key, i) => {
      const read = stored[i]!;
      if (read.status === 'rejected') throw read.reason;
      return this.write(key, read.value, desired[i]!);
    });
    const failures = new Map<string, unknown>();
    for (const [i, result] of (await Promise.allSettled(writing)).entries()) {
      const { bucket, key } = keys[i]!;
      if (result.status === 'rejected') failures.set(`${bucket} ${key}`, result.reason);
    }
    return failures;
  }

  private async write({ bucket, key }: BucketKey, stored: StoredKey, desired: Desired): Promise<number> {
    if (desired === 'keep') return stored.revision;
    if (desired === 'absent') {
      if (stored.text !== undefined) await this.buckets.of(bucket).remove(key, stored.revision);
      return stored.revision;
    }
    if (stored.text === JSON.stringify(desired.value)) return stored.revision;
    return this.buckets.of(bucket).put(key, desired.value, stored.revision);
  }
}
