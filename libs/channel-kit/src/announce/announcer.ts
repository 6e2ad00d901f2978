import { setTimeout as sleep } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BUCKETS, type ChannelDescriptor } from '@kirisan/contracts';
import { Messaging } from '@kirisan/messaging';
import { errorText } from '@kirisan/service';
import type { Channel } from '../channel.js';
import { webhookPath } from '../edge/webhook-path.js';
import { IngestorConfig } from '../ingestor.config.js';
import { CHANNEL } from '../tokens.js';

const RETRY_MS = 2_000;

/** Puts the channel's descriptor where registry and console look for it, at start and after every reconnection. */
@Injectable()
export class Announcer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('announce');
  private readonly stopped = new AbortController();
  private readonly descriptor: ChannelDescriptor;
  private announcing?: Promise<void>;

  constructor(
    @Inject(CHANNEL) channel: Channel<unknown>,
    config: IngestorConfig,
    @Inject(Messaging) private readonly messaging: Messaging,
  ) {
    const { descriptor } = channel;
    this.descriptor = { ...descriptor, ingestBaseUrl: config.baseUrl + webhookPath(descriptor.name) };
  }

  onApplicationBootstrap(): void {
    this.announce();
    this.messaging.onReconnect(() => this.announce());
  }

  onApplicationShutdown(): void {
    this.stopped.abort();
  }

  private announce(): void {
    this.announcing ??= this.untilDone().finally(() => (this.announcing = undefined));
  }

  private async untilDone(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      try {
        return await this.putIfDifferent();
      } catch (error) {
        this.logger.warn({ error: errorText(error) }, 'the channel could not be announced, trying again');
        await sleep(RETRY_MS, undefined, { signal: this.stopped.signal }).catch(() => undefined);
      }
    }
  }

  private async putIfDifferent(): Promise<void> {
    const bucket = await this.messaging.bucket(BUCKETS.channels);
    const known = await bucket.get(this.descriptor.name);
    const text = JSON.stringify(this.descriptor);
    if (known?.operation === 'PUT' && known.string() === text) return;
    await bucket.put(this.descriptor.name, text);
    this.logger.log({ url: this.descriptor.ingestBaseUrl }, 'channel announced');
  }
}
