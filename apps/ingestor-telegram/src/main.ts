import { PollerModule, runChannel } from '@kirisan/channel-kit';
import { telegramChannel } from './telegram.channel.js';
import { TelegramConfig } from './telegram.config.js';
import { telegramConnector } from './telegram.connector.js';

await runChannel(telegramChannel, {
  config: TelegramConfig,
  imports: (config) => [PollerModule.with(config, telegramConnector)],
});
