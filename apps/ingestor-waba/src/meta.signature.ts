import { createHmac, timingSafeEqual } from 'node:crypto';
import { type ChannelDevice, type ProviderRequest, UnprovenRequestError } from '@kirisan/channel-kit';
import type { MetaCredentials } from './meta.credentials.js';

const SIGNATURE = /^sha256=([0-9a-f]{64})$/i;

/**
 * The devices whose app secret made `X-Hub-Signature-256` over the raw bytes. Meta signs its own escaped form of the
 * JSON, so only the bytes as they came can be checked. Throws 401 without a signature, 403 for one that nobody made.
 */
export function signedFor(
  request: ProviderRequest,
  devices: readonly ChannelDevice<MetaCredentials>[],
): ChannelDevice<MetaCredentials>[] {
  const header = request.headers['x-hub-signature-256'];
  if (!header) throw new UnprovenRequestError(401, 'X-Hub-Signature-256 is missing');
  const hex = SIGNATURE.exec(header.trim())?.[1];
  const proven = hex ? signers(Buffer.from(hex, 'hex'), request.body, devices) : [];
  if (proven.length === 0) throw new UnprovenRequestError(403, 'X-Hub-Signature-256 is wrong');
  return proven;
}

/** One HMAC for each different secret: numbers of one app share theirs, and a body may have 3 MB. */
function signers(signature: Buffer, body: Uint8Array, devices: readonly ChannelDevice<MetaCredentials>[]) {
  const verdicts = new Map<string, boolean>();
  for (const { credentials } of devices) {
    const secret = credentials.appSecret;
    if (!secret || verdicts.has(secret)) continue;
    verdicts.set(secret, timingSafeEqual(createHmac('sha256', secret).update(body).digest(), signature));
  }
  return devices.filter(({ credentials }) => verdicts.get(credentials.appSecret) === true);
}
