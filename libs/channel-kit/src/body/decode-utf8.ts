import { MalformedRequestError } from '../errors.js';

const strict = new TextDecoder('utf-8', { fatal: true });

/** Bytes as text, without a byte order mark; throws `MalformedRequestError` rather than replace what is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    throw new MalformedRequestError('body: is not UTF-8');
  }
}
