import { Inject, Injectable } from '@nestjs/common';
import { encodeRecords, type EventRecord, LIMITS, SUBJECTS } from '@kirisan/contracts';
import { Batcher, Messaging } from '@kirisan/messaging';
import { Metrics } from '@kirisan/service';
import type { Channel, NormalisedEvent } from '../channel.js';
import { CHANNEL } from '../tokens.js';
import { recordOf } from './event-record.js';
import { FirstSeen } from './first-seen.js';

/** Room for the facts of an event, beside its payload. */
const FACTS_BYTES = 512;
/** Batches under way at a time: while they are, what comes gathers into larger ones. */
const CONCURRENCY = 2;

/** Puts events into the stream, those of concurrent requests together. */
@Injectable()
export class EventPublisher {
  private readonly subject: string;
  private readonly batcher: Batcher<EventRecord>;
  private readonly events;
  private readonly latency;

  constructor(
    @Inject(CHANNEL) private readonly channel: Channel<unknown>,
    @Inject(Messaging) private readonly messaging: Messaging,
    private readonly firstSeen: FirstSeen,
    metrics: Metrics,
  ) {
    this.subject = SUBJECTS.events(channel.descriptor.name);
    this.batcher = new Batcher({
      flush: (records) => this.flush(records),
      maxItems: LIMITS.batchEvents,
      maxWeight: LIMITS.batchBytes,
      weigh: ({ payload }) => payload.byteLength + FACTS_BYTES,
      concurrency: CONCURRENCY,
    });
    this.events = metrics.counter('ingest_events_total', 'Events stored in the stream', ['type']);
    this.latency = metrics.histogram(
      'ingest_publish_ms',
      'Milliseconds until the stream acknowledged a batch',
    );
  }

  /**
   * Resolves when the stream has acknowledged every event. Throws `TransientError` when one may not be stored: the
   * provider must repeat then, and the ids make those that were stored known. `acceptedAt` in Unix milliseconds.
   */
  async publish(events: readonly NormalisedEvent<unknown>[], acceptedAt: number): Promise<void> {
    await Promise.all(events.map((event) => this.publishOne(event, acceptedAt)));
  }

  private async publishOne(event: NormalisedEvent<unknown>, acceptedAt: number): Promise<void> {
    const id = event.contentOnly ? await this.firstSeen.idOf(event.id, acceptedAt) : event.id;
    const record = recordOf({ ...event, id }, this.channel.descriptor.name, acceptedAt);
    await this.batcher.add(record);
    this.events.inc({ type: record.facts.type });
  }

  private async flush(records: EventRecord[]): Promise<void> {
    const started = performance.now();
    await this.messaging.publish(this.subject, encodeRecords(records));
    this.latency.observe(performance.now() - started);
  }
}
