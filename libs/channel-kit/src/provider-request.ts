import { type BodyFormats, parseBody } from './body/parse-body.js';
import type { ProviderRequest } from './channel.js';
import { UnsupportedMediaError } from './errors.js';

/** What a {@link ProviderRequest} is made of. */
export interface ProviderRequestParts {
  method: 'GET' | 'POST';
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  query?: Readonly<Record<string, string>>;
  body: Uint8Array;
  /** Unix milliseconds. */
  receivedAt: number;
}

/** Makes the request that a channel sees; its body is parsed when first asked for, and once. */
export function createProviderRequest(
  parts: ProviderRequestParts,
  formats: BodyFormats = 'json',
): ProviderRequest {
  let parsed: { value: unknown } | undefined;
  return {
    ...parts,
    query: parts.query ?? {},
    parse: () => (parsed ??= { value: parsePlain(parts, formats) }).value,
  };
}

/** No provider of ours compresses, and what unpacks could be any size. */
function parsePlain({ headers, body }: ProviderRequestParts, formats: BodyFormats): unknown {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    throw new UnsupportedMediaError('content-encoding: must not be set');
  return parseBody(headers['content-type'], body, formats);
}
