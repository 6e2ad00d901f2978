import {
  asFilled,
  asNumber,
  asRecord,
  type ChannelDevice,
  type ConnectorSession,
} from '@kirisan/channel-kit';
import type { TelegramApi } from './telegram.api.js';
import type { TelegramConfig } from './telegram.config.js';
import type { TelegramCredentials } from './telegram.credentials.js';
import { TelegramError } from './telegram.error.js';
import { ALLOWED_UPDATES } from './telegram.normalise.js';

/** Has Telegram call our URL for one bot, and looks now and then whether it does (Bot API, setWebhook, getWebhookInfo). */
export class WebhookSession implements ConnectorSession {
  private registered = false;

  constructor(
    private readonly api: TelegramApi,
    private readonly config: TelegramConfig,
    private readonly device: ChannelDevice<TelegramCredentials>,
    private readonly ingestUrl: string,
  ) {}

  async round(signal: AbortSignal): Promise<number> {
    if (!this.registered) await this.register(signal);
    else await this.check(signal);
    return this.config.telegramCheckMs;
  }

  /** Also for a bot that has this URL already: its secret may be another one now, and Telegram does not tell. */
  private async register(signal: AbortSignal): Promise<void> {
    const params = {
      url: this.ingestUrl,
      secret_token: this.device.credentials.secretToken,
      allowed_updates: ALLOWED_UPDATES,
      max_connections: this.config.telegramMaxConnections,
      drop_pending_updates: false,
    };
    await this.call('setWebhook', params, signal);
    this.registered = true;
  }

  private async check(signal: AbortSignal): Promise<void> {
    const info = asRecord(await this.call('getWebhookInfo', {}, signal));
    if (info?.url !== this.ingestUrl) await this.register(signal);
    else if (isFailing(info, this.config.telegramCheckMs)) {
      const said = (asFilled(info.last_error_message) ?? 'for an unknown reason').slice(0, 200);
      throw new TelegramError('refused', `Telegram can not deliver to our URL: ${said}`);
    }
  }

  private call(method: string, params: Record<string, unknown>, signal: AbortSignal): Promise<unknown> {
    const { botToken } = this.device.credentials;
    return this.api.call({ botToken, method, params, timeoutMs: this.config.telegramTimeoutMs, signal });
  }
}

/** Updates wait, and the last attempt that failed is not long ago: Telegram keeps an old error for ever. */
function isFailing(info: Record<string, unknown>, withinMs: number): boolean {
  const failedAt = (asNumber(info.last_error_date) ?? 0) * 1_000;
  return (asNumber(info.pending_update_count) ?? 0) > 0 && Date.now() - failedAt <= withinMs + 60_000;
}
