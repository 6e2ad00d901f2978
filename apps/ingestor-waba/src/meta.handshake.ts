import {
  type ChannelDevice,
  MalformedRequestError,
  type ProviderAnswer,
  type ProviderRequest,
  secretsEqual,
  UnprovenRequestError,
} from '@kirisan/channel-kit';
import type { MetaCredentials } from './meta.credentials.js';

/** Meta sends some ten digits; what is echoed stays short and harmless in any case. */
const CHALLENGE = /^[\w.~-]{1,256}$/;

/** Answers the GET that Meta makes when the callback URL or the verify token is set: the bare challenge. */
export function answerHandshake(
  { query }: ProviderRequest,
  devices: readonly ChannelDevice<MetaCredentials>[],
): ProviderAnswer {
  const given = query['hub.verify_token'];
  if (query['hub.mode'] !== 'subscribe' || !given)
    throw new UnprovenRequestError(403, 'not a subscription of Meta');
  // Every token is compared, so that the time does not tell which one it was.
  const matches = devices.map(
    ({ credentials }) => credentials.verifyToken !== '' && secretsEqual(given, credentials.verifyToken),
  );
  if (!matches.includes(true)) throw new UnprovenRequestError(403, 'hub.verify_token is wrong');
  const challenge = query['hub.challenge'] ?? '';
  if (!CHALLENGE.test(challenge))
    throw new MalformedRequestError('hub.challenge: 1 to 256 letters, digits, "_", ".", "~" or "-"');
  return { status: 200, body: challenge, contentType: 'text/plain; charset=utf-8' };
}
