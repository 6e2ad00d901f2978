import type { Channel } from '@kirisan/channel-kit';
import type { TelegramCredentials } from './telegram.credentials.js';
import { telegramDescriptor } from './telegram.descriptor.js';
import { normaliseUpdate } from './telegram.normalise.js';
import { holdersOfSecret } from './telegram.secret.js';

/** Telegram bots (Bot API). */
export const telegramChannel: Channel<TelegramCredentials> = {
  descriptor: telegramDescriptor,
  prove: holdersOfSecret,
  normalise: normaliseUpdate,
};
