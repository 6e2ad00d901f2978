import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { BUCKETS, type ChannelDescriptor } from '@kirisan/contracts';
import { BucketWatch, readChannel } from '@kirisan/directory';
import { Messaging } from '@kirisan/messaging';
import { Health } from '@kirisan/service';

/** What the channels announced of themselves, live. */
@Injectable()
export class ChannelIndex implements OnModuleInit, OnApplicationShutdown {
  private readonly watch: BucketWatch<ChannelDescriptor>;

  constructor(@Inject(Messaging) messaging: Messaging, health: Health) {
    this.watch = new BucketWatch({ messaging, bucket: BUCKETS.channels, read: readChannel });
    health.register('channels', () => this.watch.isCaughtUp || 'not caught up');
  }

  onModuleInit(): void {
    this.watch.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.watch.stop();
  }

  caughtUp(): Promise<void> {
    return this.watch.caughtUp();
  }

  firstMessageActivates(channel: string): boolean {
    return this.watch.get(channel)?.firstMessageActivates === true;
  }
}
