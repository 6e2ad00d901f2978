import {
  Injectable,
  type OnApplicationShutdown,
  type OnModuleInit,
  ServiceUnavailableException,
} from '@nestjs/common';
import { BUCKETS, type ChannelDescriptor } from '@kirisan/contracts';
import { BucketWatch, readChannel } from '@kirisan/directory';
import { Messaging } from '@kirisan/messaging';
import { InvalidFieldException } from '../http/invalid-field.js';

/** It only sends (product contract), so nothing can be received with it. */
const SENDS_ONLY = 'email';

/** The channels that announced themselves, live. */
@Injectable()
export class ChannelCatalog implements OnModuleInit, OnApplicationShutdown {
  private readonly watch: BucketWatch<ChannelDescriptor>;

  constructor(messaging: Messaging) {
    this.watch = new BucketWatch({
      messaging,
      bucket: BUCKETS.channels,
      read: (json, key) => {
        const descriptor = readChannel(json);
        if (descriptor.name !== key) throw new Error('it belongs to another channel');
        return descriptor;
      },
    });
  }

  onModuleInit(): void {
    this.watch.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.watch.stop();
  }

  /** By name. */
  all(): ChannelDescriptor[] {
    return [...this.watch.entries()]
      .map(([, descriptor]) => descriptor)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): ChannelDescriptor | undefined {
    return this.watch.get(name);
  }

  /** The channel of a device that exists. Throws 503 while the channel has not announced itself. */
  announced(name: string): ChannelDescriptor {
    const descriptor = this.watch.get(name);
    if (descriptor) return descriptor;
    throw new ServiceUnavailableException({
      code: 'channel_not_announced',
      message: `the channel ${name} has not announced itself yet, try again when its service runs`,
    });
  }

  /** The channel that somebody asks for. Throws 400 with the known ones. */
  chosen(name: string): ChannelDescriptor {
    const descriptor = this.watch.get(name);
    if (descriptor) return descriptor;
    const known = this.all().map((channel) => channel.name);
    throw new InvalidFieldException(
      'channel',
      name === SENDS_ONLY
        ? 'email only sends and has no webhook events'
        : `unknown channel; known are ${known.join(', ') || 'none yet'}`,
    );
  }
}
