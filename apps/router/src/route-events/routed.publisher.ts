import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import {
  encodeRecords,
  type EventFacts,
  type EventRecord,
  LIMITS,
  type RoutedFacts,
  SUBJECTS,
  type UnmatchedFacts,
} from '@kirisan/contracts';
import { Batcher, Messaging } from '@kirisan/messaging';

/** An endpoint id with its quotes and comma in the facts. */
const ID_BYTES = 39;
/** What facts weigh without their endpoints, about. */
const FACTS_BYTES = 400;

/**
 * Publishes what became of events; each promise resolves when the stream has acknowledged. No message id: a batch has
 * none of its own, and what the log has registered once is not registered again.
 */
@Injectable()
export class RoutedPublisher implements BeforeApplicationShutdown {
  private readonly routed: Batcher<EventRecord<RoutedFacts>>;
  private readonly unmatched: Batcher<EventRecord<UnmatchedFacts>>;

  constructor(messaging: Messaging) {
    this.routed = this.batcher(
      messaging,
      SUBJECTS.routed,
      ({ facts }) => facts.endpointIds.length * ID_BYTES,
    );
    this.unmatched = this.batcher(messaging, SUBJECTS.unmatched, () => 0);
  }

  publishRouted(record: EventRecord<RoutedFacts>): Promise<void> {
    return this.routed.add(record);
  }

  publishUnmatched(record: EventRecord<UnmatchedFacts>): Promise<void> {
    return this.unmatched.add(record);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.routed.drained(), this.unmatched.drained()]);
  }

  private batcher<F extends EventFacts>(
    messaging: Messaging,
    subject: string,
    more: (record: EventRecord<F>) => number,
  ): Batcher<EventRecord<F>> {
    return new Batcher({
      flush: (records) => messaging.publish(subject, encodeRecords(records)),
      maxItems: LIMITS.batchEvents,
      concurrency: 2,
      maxWeight: LIMITS.batchBytes,
      weigh: (record) => record.payload.byteLength + FACTS_BYTES + more(record),
    });
  }
}
