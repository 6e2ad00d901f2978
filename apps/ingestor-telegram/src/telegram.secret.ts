import {
  type ChannelDevice,
  type ProviderRequest,
  secretsEqual,
  UnprovenRequestError,
} from '@kirisan/channel-kit';
import type { TelegramCredentials } from './telegram.credentials.js';

/**
 * The device whose secret came in `X-Telegram-Bot-Api-Secret-Token` (Bot API, setWebhook): a constant, no signature.
 * Throws 401 without the header, 403 for a wrong one.
 */
export function holdersOfSecret(
  { headers }: ProviderRequest,
  devices: readonly ChannelDevice<TelegramCredentials>[],
): ChannelDevice<TelegramCredentials>[] {
  const given = headers['x-telegram-bot-api-secret-token'];
  if (!given) throw new UnprovenRequestError(401, 'X-Telegram-Bot-Api-Secret-Token is missing');
  const holders = devices.filter(
    ({ credentials }) => credentials.secretToken && secretsEqual(given, credentials.secretToken),
  );
  if (holders.length === 0) throw new UnprovenRequestError(403, 'X-Telegram-Bot-Api-Secret-Token is wrong');
  return holders;
}
