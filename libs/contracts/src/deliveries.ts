import type { EventFacts } from './events.js';

/** Did it leave? Tells whether asking the sender to repeat is safe. */
export const VERDICTS = ['not_sent', 'sent_no_answer', 'answered'] as const;
export type Verdict = (typeof VERDICTS)[number];

export const DELIVERY_STATUSES = ['success', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Exactly 200 and 201 are a success (contract). */
export function isSuccess(httpStatus: number | undefined): boolean {
  return httpStatus === 200 || httpStatus === 201;
}

/** Why an accepted event has no match. */
export const UNMATCHED_REASONS = [
  'device_mode',
  'no_endpoint',
  'not_subscribed',
  'endpoints_inactive',
  'too_large',
  'too_old',
  'unknown_device',
] as const;
export type UnmatchedReason = (typeof UNMATCHED_REASONS)[number];

/** Why a match ended without its POST, or with a POST cut off. */
export const DELIVERY_REASONS = [
  'endpoint_deleted',
  'endpoint_paused',
  'endpoint_pending',
  'expired',
  'too_old',
  'interrupted',
] as const;
export type DeliveryReason = (typeof DELIVERY_REASONS)[number];

/** An event with the endpoints that it matched when it was routed: that record is final. */
export interface RoutedFacts extends EventFacts {
  /** Ids of the matching endpoints. */
  endpointIds: string[];
  /** Revision of the directory that the router matched against; whoever delivers must have seen it. */
  directoryRevision: number;
}

/** An event that matched nothing, and why. */
export interface UnmatchedFacts extends EventFacts {
  reason: UnmatchedReason;
}

/** One match that a worker asks to be the only one to POST, with what its log row says of it. */
export interface ClaimItem {
  /** Delivery id: the match id, or a new id for a manual resend. */
  id: string;
  matchId: string;
  endpointId: string;
  endpointName: string;
  url: string;
  /** As they will be sent, with the secret masked. */
  requestHeaders: Record<string, string>;
  /** Id of the delivery that a person asked to repeat. */
  resendOf?: string;
}

/** What a worker asks of the log service before any POST. See `claim-frames.ts` for the bytes. */
export interface ClaimRequest {
  /** Random for each receipt of a message; asking again with it costs nothing, another one loses. */
  token: string;
  /** Which life of which worker asks. */
  incarnation: string;
  events: ClaimEvent[];
}

export interface ClaimEvent {
  facts: RoutedFacts;
  payload: Uint8Array;
  /** May be empty: then the event is only registered. */
  claims: ClaimItem[];
}

export interface ClaimReply {
  /** Ids of the claims that this token holds; every other id asked for is lost. */
  won: string[];
  /**
   * Claims that were this token's, and were closed as interrupted before it asked again: they are not to be POSTed, and
   * an outcome that says so corrects their rows.
   */
  closed?: string[];
  /**
   * Claims, or events without one, that can not be recorded, whoever asks: nobody may POST them, and their message is set
   * aside. Absent when there are none.
   */
  refused?: { id: string; reason: string }[];
}

/** What became of a claimed delivery. */
export interface Outcome {
  /** Delivery id. */
  id: string;
  status: DeliveryStatus;
  verdict: Verdict;
  reason?: DeliveryReason;
  httpStatus?: number;
  durationMs: number;
  error?: { code: string; message: string };
  timings?: DeliveryTimings;
  responseHeaders?: Record<string, string | string[]>;
  responseBody?: string;
  responseTruncated?: boolean;
  /** Unix milliseconds. */
  startedAt: number;
  finishedAt: number;
}

/** Milliseconds, each only where that phase happened (a reused connection has no lookup). */
export interface DeliveryTimings {
  lookupMs?: number;
  connectMs?: number;
  tlsMs?: number;
  firstByteMs?: number;
}

/** A sign of life; a worker whose signs stop for long enough gets its open rows closed as `interrupted`. */
export interface WorkerHeartbeat {
  incarnation: string;
  /** Deliveries in flight. */
  inFlight: number;
  /** Endpoints that are full, slowed down or have a backlog, those with most in flight first; at most 200. */
  lanes?: LaneFacts[];
}

/** What one worker does for one endpoint at this moment. */
export interface LaneFacts {
  endpointId: string;
  /** Deliveries that hold a slot. */
  inFlight: number;
  /** Slots now in force. */
  cap: number;
}

/** A test delivery, asked of a worker by the registry. */
export interface TestRequest {
  facts: RoutedFacts;
  /** The JSON text to be sent. */
  payload: string;
  endpoint: TestEndpoint;
}

/** The endpoint as it was when the test was asked for. */
export interface TestEndpoint {
  id: string;
  name: string;
  url: string;
  sealedSecret?: string;
  legacySubmission: boolean;
}

/** Answer to a {@link TestRequest}: the outcome, or why no POST was tried. */
export type TestReply = { outcome: Outcome } | { error: { code: string; message: string } };
