import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Channel, ChannelDevice, NormalisedEvent } from '../channel.js';
import { MalformedRequestError } from '../errors.js';
import { EventPublisher } from '../publish/event-publisher.js';
import { CHANNEL } from '../tokens.js';

const NO_BODY = new Uint8Array();

/** Takes what was fetched from a provider the way that its webhooks take. */
@Injectable()
export class PolledIntake {
  private readonly logger = new Logger('poller');

  constructor(
    @Inject(CHANNEL) private readonly channel: Channel<unknown>,
    private readonly publisher: EventPublisher,
  ) {}

  /**
   * Resolves when the events of all bodies are stored; only then may they be confirmed to the provider. A body that the
   * channel can not read is logged and passed over, or it would hold up the device for ever.
   * Throws `TransientError` when not every event is stored for certain.
   */
  async accept(device: ChannelDevice<unknown>, bodies: readonly unknown[]): Promise<void> {
    const receivedAt = Date.now();
    const events = bodies.flatMap((body) => this.normalise(device, body, receivedAt));
    await this.publisher.publish(events, receivedAt);
  }

  private normalise(
    device: ChannelDevice<unknown>,
    body: unknown,
    receivedAt: number,
  ): NormalisedEvent<unknown>[] {
    const request = {
      method: 'POST' as const,
      headers: {},
      query: {},
      body: NO_BODY,
      receivedAt,
      parse: () => body,
    };
    try {
      return this.channel.normalise(request, [device]);
    } catch (error) {
      if (!(error instanceof MalformedRequestError)) throw error;
      this.logger.warn({ deviceId: device.id, reason: error.message }, 'a polled body was passed over');
      return [];
    }
  }
}
