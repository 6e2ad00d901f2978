import { MalformedRequestError } from '../errors.js';
import { decodeUtf8 } from './decode-utf8.js';
import { type JsonScan, scanJson } from './scan-json.js';

/** Deepest nesting of arrays and objects that is accepted; what providers send stays below 20; deeper ones are answered 400. */
export const MAX_JSON_DEPTH = 64;

/**
 * JSON bytes as data. Integers beyond 2^53 and numbers beyond every double come as strings of their digits, the last
 * of two equal keys wins, `__proto__` is a key like any other.
 * Throws `MalformedRequestError` for bytes that are not UTF-8 JSON, and for nesting beyond {@link MAX_JSON_DEPTH}.
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  const scan = scanJson(text);
  // Serialising is recursive in V8: what is nested too deeply could be parsed, but never be sent on.
  if (scan.depth > MAX_JSON_DEPTH)
    throw new MalformedRequestError(`body: nested deeper than ${MAX_JSON_DEPTH} levels`);
  const value = parseText(text);
  return scan.longNumbers.length === 0 ? value : parseText(quoteNumbers(text, scan));
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, which may hold a secret.
    throw new MalformedRequestError(text.trim() === '' ? 'body: is empty' : 'body: is not JSON');
  }
}

function quoteNumbers(text: string, scan: JsonScan): string {
  const parts: string[] = [];
  let from = 0;
  for (const [start, end] of scan.longNumbers) {
    parts.push(text.slice(from, start), '"', text.slice(start, end), '"');
    from = end;
  }
  parts.push(text.slice(from));
  return parts.join('');
}
