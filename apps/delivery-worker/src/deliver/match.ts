import { type EventRecord, matchId, type RoutedFacts, type TestEndpoint } from '@kirisan/contracts';
import type { EndpointLane } from './endpoint-lane.js';

/** A routed event in hand. */
export interface RoutedEvent extends EventRecord<RoutedFacts> {
  /** What is POSTed: a copy, as the payload is a view into a much larger buffer. Made at the first POST. */
  body?: Uint8Array;
  /** As it is parked; made for the first endpoint that needs it. */
  parkedBytes?: Uint8Array;
}

/** One delivery to be claimed and made. */
export interface Match {
  /** The delivery id. */
  id: string;
  event: RoutedEvent;
  endpointId: string;
  /** Where it holds a slot; a test delivery holds none. */
  lane?: EndpointLane;
  /** Unix milliseconds; only if it was parked. */
  parkedAt?: number;
  /** The endpoint as a test wants it, instead of the directory's. */
  test?: TestEndpoint;
  /** Nobody waits for it any more. */
  isAbandoned?: boolean;
}

export function matchOf(event: RoutedEvent, endpointId: string): Match {
  return { id: matchId(event.facts.id, endpointId), event, endpointId };
}
