import { asNumber, asString } from './values.js';

/** 2000-01-01: none of the providers is older. */
const EARLIEST = 946_684_800;
/** Seconds that a provider's clock may be ahead of ours. */
const FUTURE_TOLERANCE = 86_400;
/** As seconds this is the year 5138: beyond it a number counts milliseconds (or finer). */
const FINER_THAN_SECONDS = 1e11;

const ISO = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * A provider's time as Unix seconds: seconds, milliseconds or finer, as number or string, or ISO 8601 (UTC where it
 * names no zone). A missing or absurd one (before 2000, more than a day ahead) becomes the receive time `fallbackMs`.
 */
export function unixSeconds(value: unknown, fallbackMs: number): number {
  const now = Math.floor(fallbackMs / 1000);
  const seconds = knownSeconds(value);
  return seconds !== undefined && seconds >= EARLIEST && seconds <= now + FUTURE_TOLERANCE ? seconds : now;
}

/** Like {@link unixSeconds}, but undefined where the provider gives no usable time; for ids, which need the provider's. */
export function providerSeconds(value: unknown): number | undefined {
  const seconds = knownSeconds(value);
  return seconds !== undefined && seconds >= EARLIEST ? seconds : undefined;
}

function knownSeconds(value: unknown): number | undefined {
  const number = asNumber(value);
  if (number !== undefined) return toSeconds(number);
  const text = asString(value)?.trim();
  if (text === undefined || text.length > 40 || !ISO.test(text)) return undefined;
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/i.test(text.slice(10)) || text.length === 10 ? text : `${text}Z`;
  const parsed = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(parsed) ? undefined : Math.floor(parsed / 1000);
}

function toSeconds(number: number): number {
  let seconds = number;
  while (seconds >= FINER_THAN_SECONDS) seconds /= 1000;
  return Math.floor(seconds);
}
