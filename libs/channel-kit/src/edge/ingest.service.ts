import { Inject, Injectable } from '@nestjs/common';
import { failpoint } from '@kirisan/service';
import type { Channel, ChannelDevice, NormalisedEvent, ProviderAnswer, ProviderRequest } from '../channel.js';
import { DeviceHealthReporter } from '../devices/device-health.reporter.js';
import { UnprovenRequestError } from '../errors.js';
import { EventPublisher } from '../publish/event-publisher.js';
import { CHANNEL } from '../tokens.js';

type Devices = readonly ChannelDevice<unknown>[];

/** From a provider's request to events in the stream. */
@Injectable()
export class IngestService {
  constructor(
    @Inject(CHANNEL) private readonly channel: Channel<unknown>,
    private readonly publisher: EventPublisher,
    private readonly health: DeviceHealthReporter,
  ) {}

  /**
   * Resolves with the number of events when all of them are stored. Throws what the channel throws, before anything
   * has an effect, and `TransientError` when not every event is stored for certain.
   */
  async receive(request: ProviderRequest, devices: Devices): Promise<number> {
    const proven = this.prove(request, devices);
    const events = this.channel.normalise(request, proven);
    await this.publisher.publish(events, request.receivedAt);
    if (events.length > 0) failpoint('ingest.published');
    for (const id of concerned(events, proven)) this.health.seen(id);
    return events.length;
  }

  /** The channel's answer to a GET; only called for channels that have one. */
  greet(request: ProviderRequest, devices: Devices): ProviderAnswer {
    return this.channel.handshake!(request, devices);
  }

  private prove(request: ProviderRequest, devices: Devices): Devices {
    try {
      return this.channel.prove(request, devices);
    } catch (error) {
      if (error instanceof UnprovenRequestError) {
        for (const { id } of devices) this.health.failed(id, `a request was refused: ${error.message}`);
      }
      throw error;
    }
  }
}

/** The devices that the events are of; of a request without events, those that it proved. */
function concerned(events: readonly NormalisedEvent<unknown>[], proven: Devices): Set<string> {
  const ids = events.map(({ device }) => device?.id).filter((id) => id !== undefined);
  return new Set(ids.length > 0 ? ids : proven.map(({ id }) => id));
}
