import { createHash } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type BucketSpec, BUCKETS } from '@kirisan/contracts';
import { BucketWatch, channelDeviceKey, deviceKey, endpointKey } from '@kirisan/directory';
import { Messaging } from '@kirisan/messaging';
import { errorText } from '@kirisan/service';
import { Database } from '../storage/database.js';
import type { BucketKey } from './bucket-keys.js';
import { DesiredStateRepository, linkedDevices } from './desired-state.repository.js';
import { DirectoryPublisher } from './directory.publisher.js';
import { credentialsEntry, deviceEntry, endpointEntry } from './entries.js';
import { OutboxRepository } from './outbox.repository.js';

const PAGE = 500;
const EVERY_MS = 10 * 60_000;

/**
 * Compares the buckets with the tables: at the start, after every renewed connection (a bucket may have been lost
 * meanwhile) and every ten minutes. What differs goes to the outbox, where a key that is equal after all costs nothing.
 */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('reconciler');
  private readonly directory: BucketWatch<string>;
  private readonly credentials: BucketWatch<string>;
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;
  private again = false;

  constructor(
    messaging: Messaging,
    private readonly database: Database,
    private readonly desired: DesiredStateRepository,
    private readonly outbox: OutboxRepository,
    private readonly publisher: DirectoryPublisher,
  ) {
    this.directory = this.watch(messaging, BUCKETS.directory);
    this.credentials = this.watch(messaging, BUCKETS.credentials);
  }

  onApplicationBootstrap(): void {
    this.directory.start();
    this.credentials.start();
    this.timer = setInterval(() => this.reconcile(), EVERY_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([this.directory.stop(), this.credentials.stop()]);
    await this.running;
  }

  private watch(messaging: Messaging, bucket: BucketSpec): BucketWatch<string> {
    const watch = new BucketWatch<string>({ messaging, bucket, read: (json) => digest(json) });
    watch.onSync(() => this.reconcile());
    return watch;
  }

  private reconcile(): void {
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = this.compare()
      .catch((error: unknown) =>
        this.logger.warn({ error: errorText(error) }, 'the buckets could not be compared'),
      )
      .finally(() => {
        this.running = undefined;
        if (!this.again) return;
        this.again = false;
        this.reconcile();
      });
  }

  private async compare(): Promise<void> {
    if (!this.directory.isCaughtUp || !this.credentials.isCaughtUp) return;
    const seen = new Set<string>();
    const different: BucketKey[] = [];
    const check = (watch: BucketWatch<string>, { bucket, key }: BucketKey, value: object) => {
      seen.add(`${bucket} ${key}`);
      if (watch.get(key) !== digest(value)) different.push({ bucket, key });
    };
    await this.eachDevice((device) => {
      const { id, channel } = device;
      check(this.directory, { bucket: BUCKETS.directory.name, key: deviceKey(id) }, deviceEntry(device));
      const key = channelDeviceKey(channel, id);
      check(this.credentials, { bucket: BUCKETS.credentials.name, key }, credentialsEntry(device));
    });
    await this.eachEndpoint((endpoint) => {
      check(this.directory, { bucket: BUCKETS.directory.name, key: endpointKey(endpoint.id) }, endpoint);
    });
    for (const [watch, { name }] of [
      [this.directory, BUCKETS.directory],
      [this.credentials, BUCKETS.credentials],
    ] as const) {
      for (const [key] of watch.entries())
        if (!seen.has(`${name} ${key}`)) different.push({ bucket: name, key });
    }
    if (different.length === 0) return;
    this.logger.warn({ keys: different.length }, 'keys differ from the tables and are published anew');
    await this.database.write((manager) => this.outbox.add(manager, different));
    this.publisher.nudge();
  }

  private async eachDevice(visit: (device: Parameters<typeof deviceEntry>[0]) => void): Promise<void> {
    let position: string | undefined = '0';
    while (position !== undefined) {
      const from: string = position;
      const page = await this.database.read((manager) => this.desired.devicesAfter(manager, from, PAGE));
      page.forEach(visit);
      position = page.at(-1)?.position;
    }
  }

  private async eachEndpoint(visit: (endpoint: ReturnType<typeof endpointEntry>) => void): Promise<void> {
    let position: string | undefined = '0';
    while (position !== undefined) {
      const from: string = position;
      position = await this.database.read(async (manager) => {
        const page = await this.desired.endpointsAfter(manager, from, PAGE);
        const links = await linkedDevices(
          manager,
          page.map(({ id }) => id),
        );
        for (const endpoint of page) visit(endpointEntry(endpoint, links.get(endpoint.id) ?? []));
        return page.at(-1)?.position;
      });
    }
  }
}

/** Short, so that a hundred thousand keys cost little; members keep their order over parsing. */
function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64').slice(0, 22);
}
