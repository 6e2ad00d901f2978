import { Buffer } from 'node:buffer';
import type { Outcome } from '@kirisan/contracts';
import { PermanentError } from '@kirisan/service';
import { deliveryResult } from '../storage/facet.js';
import { isUuid, optionalText, safeInt, safeText, safeTime } from '../storage/safe-values.js';

/** An outcome as its row will be. */
export interface OutcomeRow {
  id: string;
  result: number;
  status: string;
  verdict: string;
  reason: string | null;
  httpStatus: number | null;
  durationMs: number;
  errorCode: string | null;
  errorMessage: string | null;
  timings: string | null;
  responseHeaders: string | null;
  responseBody: string | null;
  responseTruncated: boolean;
  startedAt: number;
  finishedAt: number;
  /** Roughly, of its largest parts. */
  bytes: number;
}

/** Says what is wrong with something that should be an outcome. */
export class OutcomeError extends PermanentError {
  override name = 'OutcomeError';
}

/** Characters of an error's code that are kept. */
const MAX_CODE = 64;
/** Characters of an error's text that are kept. */
const MAX_ERROR = 4_096;

/** Takes what is needed; members that we do not know are no mistake. Throws {@link OutcomeError}. */
export function outcomeRow(outcome: unknown): OutcomeRow {
  if (typeof outcome !== 'object' || outcome === null) throw new OutcomeError('an outcome is not an object');
  const { id, status, verdict, error, ...given } = outcome as Partial<Outcome>;
  if (!isUuid(id)) throw new OutcomeError('id: is not a UUID');
  const result = deliveryResult(String(status), String(verdict));
  if (result < 0)
    throw new OutcomeError(`status, verdict: there is no ${String(status)} that is ${String(verdict)}`);
  const durationMs = safeInt(given.durationMs);
  if (durationMs === null) throw new OutcomeError('durationMs: is not a number from 0');
  const responseHeaders = jsonText(given.responseHeaders);
  const responseBody = optionalText(given.responseBody);
  const finishedAt = safeTime(given.finishedAt, Date.now());
  return {
    id,
    result,
    status: String(status),
    verdict: String(verdict),
    reason: optionalText(given.reason, MAX_CODE),
    httpStatus: safeInt(given.httpStatus),
    durationMs,
    errorCode: optionalText(error?.code, MAX_CODE),
    errorMessage: optionalText(error?.message, MAX_ERROR),
    timings: jsonText(given.timings),
    responseHeaders,
    responseBody,
    responseTruncated: given.responseTruncated === true,
    startedAt: safeTime(given.startedAt, finishedAt),
    finishedAt,
    bytes: (responseHeaders?.length ?? 0) + (responseBody?.length ?? 0),
  };
}

/** A message of outcomes as its members. Throws {@link OutcomeError} when it is no JSON array. */
export function parseOutcomes(data: Uint8Array): unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'));
  } catch (cause) {
    throw new OutcomeError(`the message is not JSON: ${(cause as Error).message}`);
  }
  if (!Array.isArray(parsed)) throw new OutcomeError('the message is not an array of outcomes');
  return parsed;
}

function jsonText(value: unknown): string | null {
  return typeof value === 'object' && value !== null ? safeText(JSON.stringify(value)) : null;
}
