import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { BUCKETS } from '@kirisan/contracts';
import { BucketWatch, readChannel } from '@kirisan/directory';
import { Messaging } from '@kirisan/messaging';
import { Health } from '@kirisan/service';

/** What the router has to know of channels, from what they announced. */
@Injectable()
export class ChannelTraits implements OnModuleInit, OnApplicationShutdown {
  private readonly watch: BucketWatch<{ firstMessageActivates: boolean }>;

  constructor(messaging: Messaging, health: Health) {
    this.watch = new BucketWatch({
      messaging,
      bucket: BUCKETS.channels,
      // Samples and texts are of no use here.
      read: (json) => ({ firstMessageActivates: readChannel(json).firstMessageActivates === true }),
    });
    health.register('channels', () => this.isCaughtUp || 'not caught up');
  }

  onModuleInit(): void {
    this.watch.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.watch.stop();
  }

  /** Whether what was announced is known. */
  get isCaughtUp(): boolean {
    return this.watch.isCaughtUp;
  }

  /** Resolves as soon as what was announced is known. */
  caughtUp(): Promise<void> {
    return this.watch.caughtUp();
  }

  firstMessageActivates(channel: string): boolean {
    return this.watch.get(channel)?.firstMessageActivates === true;
  }
}
