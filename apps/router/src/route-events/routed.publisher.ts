import { Inject, Injectable } from '@nestjs/common';
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

/** Roughly what an id and the facts take as JSON. */
const ID_BYTES = 40;
const FACTS_BYTES = 400;

/** Publishes routed and unmatched events in batches that grow with the load; resolves when the stream has them. */
@Injectable()
export class RoutedPublisher {
  private readonly routed: Batcher<EventRecord<RoutedFacts>>;
  private readonly unmatched: Batcher<EventRecord<UnmatchedFacts>>;

  constructor(@Inject(Messaging) private readonly messaging: Messaging) {
    const routedBytes = ({ facts, payload }: EventRecord<RoutedFacts>) =>
      payload.length + FACTS_BYTES + facts.endpointIds.length * ID_BYTES;
    this.routed = this.batcher(SUBJECTS.routed, routedBytes);
    this.unmatched = this.batcher(SUBJECTS.unmatched, ({ payload }) => payload.length + FACTS_BYTES);
  }

  /** One record for the event and all of its matches: they exist together or not at all. */
  publishRouted(record: EventRecord<RoutedFacts>): Promise<void> {
    return this.routed.add(record);
  }

  publishUnmatched(record: EventRecord<UnmatchedFacts>): Promise<void> {
    return this.unmatched.add(record);
  }

  private batcher<F extends EventFacts>(
    subject: string,
    weigh: (record: EventRecord<F>) => number,
  ): Batcher<EventRecord<F>> {
    return new Batcher({
      maxItems: LIMITS.batchEvents,
      maxWeight: LIMITS.batchBytes,
      weigh,
      concurrency: 2,
      flush: (records) => this.messaging.publish(subject, encodeRecords(records)),
    });
  }
}
