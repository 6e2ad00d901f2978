import { MalformedRequestError } from '../errors.js';
import { decodeUtf8 } from './decode-utf8.js';

/** Fields of one form; more of them, which are answered 400, are an attack on whoever copies them. */
const MAX_FORM_FIELDS = 1_000;

const LIST_NAME = /^([^[\]]+)\[\d*\]$/;

/**
 * `application/x-www-form-urlencoded` bytes as data: every value a string, `name[]` and `name[0]` a list, else the last
 * of two equal names wins. Throws `MalformedRequestError`.
 */
export function parseForm(bytes: Uint8Array): Record<string, unknown> {
  const text = decodeUtf8(bytes);
  const pairs = [...new URLSearchParams(text)];
  if (!text.includes('\ufffd') && !/%EF%BF%BD/i.test(text) && pairs.some(hasReplacement)) {
    throw new MalformedRequestError('body: a percent escape is not UTF-8');
  }
  return formOf(pairs);
}

const hasReplacement = ([name, value]: [string, string]) =>
  name.includes('\ufffd') || value.includes('\ufffd');

/** Names and values as one record; see {@link parseForm}. */
export function formOf(pairs: readonly [string, string][]): Record<string, unknown> {
  if (pairs.length > MAX_FORM_FIELDS)
    throw new MalformedRequestError(`body: more than ${MAX_FORM_FIELDS} fields`);
  const fields = new Map<string, unknown>();
  for (const [name, value] of pairs) {
    const list = LIST_NAME.exec(name)?.[1];
    if (list === undefined) fields.set(name, value);
    else fields.set(list, [...listAt(fields, list), value]);
  }
  return Object.fromEntries(fields);
}

function listAt(fields: Map<string, unknown>, name: string): unknown[] {
  const known = fields.get(name);
  return Array.isArray(known) ? known : [];
}
