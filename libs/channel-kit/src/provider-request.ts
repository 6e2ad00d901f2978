import { type BodyFormats, parseBody } from './body/parse-body.js';
import type { ProviderRequest } from './channel.js';

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
    parse: () => (parsed ??= { value: parseBody(parts.headers['content-type'], parts.body, formats) }).value,
  };
}
