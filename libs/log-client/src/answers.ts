import type { DeliveryTimings } from '@kirisan/contracts';

/** One page, newest first; `nextCursor` is null at the end. A page may hold few items or none and still have a cursor. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** Times are ISO 8601 in UTC; what is not there is null. */
export interface DeliverySummary {
  id: string;
  matchId: string;
  eventId: string;
  endpointId: string;
  endpointName: string;
  url: string;
  event: string;
  channel: string;
  /** Device token. */
  device: string;
  deviceId: string | null;
  deviceNumber: string | null;
  sender: string | null;
  production: boolean;
  /** `open`: claimed, and its outcome is not known yet; found by id alone. */
  status: 'success' | 'failed' | 'open';
  verdict: 'not_sent' | 'sent_no_answer' | 'answered' | null;
  reason: string | null;
  httpStatus: number | null;
  durationMs: number | null;
  error: { code: string; message: string } | null;
  /** When it was claimed. */
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** When its real outcome arrived after it had been closed as interrupted. */
  correctedAt: string | null;
  /** Id of the delivery that a person asked to repeat. */
  resendOf: string | null;
}

export interface DeliveryDetail extends DeliverySummary {
  /** As it was sent; the secret is masked. The body is null when its event has left the log. */
  request: { method: 'POST'; url: string; headers: Record<string, string>; body: string | null };
  /** Null when none came. */
  response: {
    status: number;
    headers: Record<string, string | string[]>;
    body: string | null;
    /** The body was longer than what is kept. */
    truncated: boolean;
  } | null;
  timings: DeliveryTimings;
}

export interface EventSummary {
  id: string;
  event: string;
  channel: string;
  /** Device token. */
  device: string;
  deviceId: string | null;
  deviceNumber: string | null;
  sender: string | null;
  production: boolean;
  /** Endpoints it matched. */
  matchCount: number;
  /** Why there is no match. */
  reason: string | null;
  /** Bytes of an event that was too large to deliver; its payload is not kept. */
  tooLargeBytes: number | null;
  /** When the ingestor accepted it. */
  acceptedAt: string;
  /** When its record was written. */
  createdAt: string;
}

export interface EventMatch {
  matchId: string;
  endpointId: string;
  /** `waiting`: not claimed yet. `open`: claimed, no outcome yet. `gone`: its row has left the log. */
  state: 'waiting' | 'open' | 'final' | 'gone';
  /** The automatic delivery and its manual resends, oldest first. */
  deliveries: DeliverySummary[];
}

export interface EventDetail extends EventSummary {
  /** The exact JSON text that was or would have been POSTed. */
  payload: string;
  matches: EventMatch[];
}

export interface StatsRow {
  /** Start of the bucket. */
  bucket: string;
  /** Endpoint id, event or status; null without `groupBy`. */
  group: string | null;
  count: number;
  success: number;
  failed: number;
  /** Milliseconds. */
  p50: number;
  p95: number;
  p99: number;
}

export interface Stats {
  from: string;
  to: string;
  rows: StatsRow[];
}
