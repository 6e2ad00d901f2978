import type { Connector, PolledIntake } from '@kirisan/channel-kit';
import { TelegramApi } from './telegram.api.js';
import type { TelegramConfig } from './telegram.config.js';
import type { TelegramCredentials } from './telegram.credentials.js';
import { PollingSession } from './telegram.polling.js';
import { WebhookSession } from './telegram.webhook.js';

/** Connects bots: by their webhook where Telegram can reach us, else by polling. */
export function telegramConnector(
  config: TelegramConfig,
  intake: PolledIntake,
): Connector<TelegramCredentials> {
  const api = new TelegramApi(config.telegramApiUrl);
  return {
    open: (device, ingestUrl) =>
      config.publicUrl
        ? new WebhookSession(api, config, device, ingestUrl)
        : new PollingSession(api, intake, config, device),
  };
}
