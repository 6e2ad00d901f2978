import type { DeliveryTimings, Verdict } from '@kirisan/contracts';
import type { OutboundErrorCode } from './outbound.errors.js';

/** One POST to make. */
export interface SendRequest {
  url: string;
  /** As they are sent; `host`, `connection` and `content-length` are added, nothing else. */
  headers: Record<string, string>;
  body: string | Uint8Array;
  /** For the whole exchange, from the call of `post` to the last byte of the answer, ms. */
  timeoutMs: number;
  /** `performance.now()` after which the request must not be begun any more; it then ends as `claim_expired`. */
  startBefore?: number;
}

/** How the body of an answer ended. */
export type ResponseEnd = 'complete' | 'too_large' | 'timeout' | 'broken';

/** What became of one POST. */
export interface SendResult {
  verdict: Verdict;
  /** The final status, 100 to 999, of an answer whose head came in whole. */
  httpStatus?: number;
  /** Milliseconds, with at most one decimal. */
  durationMs: number;
  /** Why there is no answer; never set if there is one. */
  error?: { code: OutboundErrorCode; message: string };
  /** For the operator's log alone: may hold internal addresses. */
  detail?: string;
  responseHeaders?: Record<string, string | string[]>;
  /** Valid UTF-8 without NUL. */
  responseBody?: string;
  /** Whether the answer was longer than what is kept, or its end never came. */
  responseTruncated?: boolean;
  responseEnd?: ResponseEnd;
  timings: DeliveryTimings & { totalMs: number };
}

/** Rounds milliseconds to one decimal. */
export function roundMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
