import { Inject, Injectable } from '@nestjs/common';
import { BUCKETS, eventId } from '@kirisan/contracts';
import { Messaging } from '@kirisan/messaging';
import { errorText, TransientError } from '@kirisan/service';
import type { KV } from '@nats-io/kv';
import type { Channel } from '../channel.js';
import { CHANNEL } from '../tokens.js';

/**
 * Ids of events that a provider identifies by nothing but their content: the first sight of a content makes the id, and
 * repeats within the bucket's lifetime of keys (20 minutes) get the same one, on every copy of the service.
 */
@Injectable()
export class FirstSeen {
  private readonly asked = new Map<string, Promise<string>>();

  constructor(
    @Inject(CHANNEL) private readonly channel: Channel<unknown>,
    @Inject(Messaging) private readonly messaging: Messaging,
  ) {}

  /** The event id of a content's hash. `seenAt` in Unix milliseconds. Throws `TransientError` when it can not be kept. */
  idOf(hash: string, seenAt: number): Promise<string> {
    const known = this.asked.get(hash);
    if (known) return known;
    const asked = this.ask(hash, seenAt).finally(() => this.asked.delete(hash));
    this.asked.set(hash, asked);
    return asked;
  }

  private async ask(hash: string, seenAt: number): Promise<string> {
    if (!this.messaging.connected) throw new TransientError('NATS is away');
    try {
      const bucket = await this.messaging.bucket(BUCKETS.firstSeen);
      const key = `${this.channel.descriptor.name}.${hash}`;
      return await firstOf(bucket, key, eventId('first-seen', [hash, seenAt]));
    } catch (error) {
      throw new TransientError(`the first sight of an event could not be kept: ${errorText(error)}`);
    }
  }
}

/** What is under the key, or `mine` if that is the first. */
async function firstOf(bucket: KV, key: string, mine: string): Promise<string> {
  try {
    await bucket.create(key, mine);
    return mine;
  } catch (error) {
    const entry = await bucket.get(key);
    if (entry?.operation !== 'PUT') throw error;
    return entry.string();
  }
}
