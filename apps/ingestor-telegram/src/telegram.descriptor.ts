import type { Channel } from '@kirisan/channel-kit';
import type { TelegramCredentials } from './telegram.credentials.js';
import { telegramSamples } from './telegram.samples.js';

/** What the channel says of itself to registry, console and tests. */
export const telegramDescriptor: Channel<TelegramCredentials>['descriptor'] = {
  name: 'telegram',
  label: 'Telegram',
  events: ['incoming_message', 'submission'],
  identity: ['botToken'],
  firstMessageActivates: true,
  credentials: [
    {
      name: 'botToken',
      label: 'Bot token',
      help: 'From @BotFather, such as 123456789:AAE….',
      required: true,
      secret: true,
      maxLength: 128,
      pattern: '[0-9]{1,20}:[A-Za-z0-9_-]{1,100}',
      identityPattern: '0*([0-9]+):.*',
    },
    {
      name: 'secretToken',
      label: 'Secret token',
      help: 'Telegram sends it back with every webhook. Leave it empty and one is made.',
      required: false,
      secret: true,
      generatedBytes: 32,
      maxLength: 256,
      pattern: '[A-Za-z0-9_-]{1,256}',
    },
  ],
  setupSteps: [
    'Open a chat with @BotFather in Telegram, send /newbot and follow its questions (an existing bot: /mybots → API Token).',
    'Create the device with the token that BotFather shows. The webhook or the polling of the bot is set up for you.',
    'For groups: turn privacy mode off (/setprivacy → Disable), or the bot only sees commands and replies to it.',
    'Send the bot a message.',
  ],
  samples: telegramSamples,
};
