import { OutboundError } from './outbound.errors.js';

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** The connection's own business. */
const RESERVED = /^(host|connection|content-length|transfer-encoding|keep-alive|upgrade|expect|trailer|te)$/i;

/** @throws OutboundError `request_invalid` for a header that must not or cannot be sent. */
export function checkRequestHeaders(headers: Readonly<Record<string, string>>): void {
  for (const name in headers) {
    const value = headers[name];
    if (NAME.test(name) && !RESERVED.test(name) && typeof value === 'string' && VALUE.test(value)) continue;
    throw new OutboundError('request_invalid', `header ${JSON.stringify(name)}`);
  }
}

/** Headers of an answer that are kept. */
const MAX_COUNT = 64;
/** All the headers of an answer that are kept, names and values. */
const MAX_BYTES = 8 * 1024;

/** The headers of an answer as far as they are kept: 64 names, 8 KiB together. */
export function keptResponseHeaders(headers: Record<string, string | string[] | undefined>): {
  kept: Record<string, string | string[]>;
  isCut: boolean;
} {
  const kept: Record<string, string | string[]> = {};
  let count = 0;
  let bytes = 0;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || name === '__proto__') continue;
    bytes += name.length + lengthOf(value);
    if (++count > MAX_COUNT || bytes > MAX_BYTES) return { kept, isCut: true };
    kept[name] = value;
  }
  return { kept, isCut: false };
}

function lengthOf(value: string | string[]): number {
  if (typeof value === 'string') return value.length;
  return value.reduce((sum, item) => sum + item.length + 2, 0);
}
