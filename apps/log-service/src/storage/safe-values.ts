import { Buffer, isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NUL = /\0/g;
/** 9999-12-31, the last day that a JavaScript date prints in the usual form. */
const MAX_TIME = 253_402_214_400_000;
const MAX_INT4 = 2 ** 31 - 1;

/** Stands for "no device", so that the column can lead an index. */
export const NO_DEVICE = '00000000-0000-0000-0000-000000000000';

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/** A token of any form as a UUID: itself if it is one, else one made from its hash. */
export function tokenUuid(token: string): string {
  return isUuid(token) ? token : createHash('sha256').update(token).digest('hex').slice(0, 32);
}

/** PostgreSQL has no NUL in text; it becomes U+FFFD. Text that is only searched and shown is cut at `max` characters. */
export function safeText(value: string, max = Infinity): string {
  const cut = value.length > max ? value.slice(0, max) : value;
  return cut.includes('\0') ? cut.replace(NUL, '\ufffd') : cut;
}

export function optionalText(value: unknown, max = Infinity): string | null {
  return typeof value === 'string' ? safeText(value, max) : null;
}

/** A payload is JSON, so these bytes are fine as they are; what a foreign publisher might send instead is made storable. */
export function safePayload(payload: Uint8Array): Uint8Array {
  if (!payload.includes(0) && isUtf8(payload)) return payload;
  return Buffer.from(safeText(Buffer.from(payload).toString('utf8')));
}

/** Unix milliseconds within what PostgreSQL and JavaScript both can hold; anything else becomes `fallback`. */
export function safeTime(value: unknown, fallback: number): number {
  return typeof value === 'number' && value >= 0 && value <= MAX_TIME ? Math.floor(value) : fallback;
}

/** A non-negative whole number that fits PostgreSQL's integer. */
export function safeInt(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 ? Math.min(Math.round(value), MAX_INT4) : null;
}
