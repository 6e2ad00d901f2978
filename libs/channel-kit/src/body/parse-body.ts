import { UnsupportedMediaError } from '../errors.js';
import { parseForm } from './parse-form.js';
import { parseJson } from './parse-json.js';
import { parseMultipart } from './parse-multipart.js';

/** `json`: JSON alone. `json-and-forms`: also URL-encoded and multipart forms, and JSON that is labelled as a form. */
export type BodyFormats = 'json' | 'json-and-forms';

/**
 * A provider's body as data, by its content type; a missing content type is taken for JSON (or a form, where allowed).
 * Throws `MalformedRequestError` (400) and `UnsupportedMediaError` (415).
 */
export function parseBody(contentType: string | undefined, body: Uint8Array, formats: BodyFormats): unknown {
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (isJson(type)) return parseJson(body);
  if (formats === 'json-and-forms') {
    if (type === '' || type === 'application/x-www-form-urlencoded') {
      return looksLikeJson(body) ? parseJson(body) : parseForm(body);
    }
    if (type === 'multipart/form-data') return parseMultipart(contentType!, body);
  } else if (type === '') return parseJson(body);
  throw new UnsupportedMediaError(`content-type: ${printable(type)} is not one of ${ACCEPTED[formats]}`);
}

const ACCEPTED: Record<BodyFormats, string> = {
  json: 'application/json',
  'json-and-forms': 'application/json, application/x-www-form-urlencoded, multipart/form-data',
};

const isJson = (type: string) => type === 'application/json' || /^application\/[\w.-]+\+json$/.test(type);

/** PHP's curl labels JSON as a form when nobody says otherwise. */
function looksLikeJson(body: Uint8Array): boolean {
  let at = 0;
  while (at < body.length && body[at]! <= 0x20) at++;
  return body[at] === 0x7b || body[at] === 0x5b;
}

const printable = (type: string) => JSON.stringify(type.slice(0, 100));
