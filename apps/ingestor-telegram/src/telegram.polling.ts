import {
  asList,
  asRecord,
  asNumber,
  type ChannelDevice,
  type ConnectorSession,
  type PolledIntake,
} from '@kirisan/channel-kit';
import type { TelegramApi } from './telegram.api.js';
import type { TelegramConfig } from './telegram.config.js';
import type { TelegramCredentials } from './telegram.credentials.js';
import { TelegramError } from './telegram.error.js';
import { ALLOWED_UPDATES } from './telegram.normalise.js';

/** Pause after an answer that brought nothing new at once, as a server that does not hold polls open gives (milliseconds). */
const IDLE_PAUSE_MS = 250;
/** After a week without updates their numbers begin anew anywhere, perhaps below the offset (Bot API, Update). */
const FORGET_OFFSET_MS = 5 * 24 * 3_600_000;

/** Asks Telegram for the updates of one bot (Bot API, getUpdates). */
export class PollingSession implements ConnectorSession {
  /** What the next call confirms everything below of; unset until the first update of this session. */
  private offset?: number;
  private lastUpdateAt = Date.now();

  constructor(
    private readonly api: TelegramApi,
    private readonly intake: Pick<PolledIntake, 'accept'>,
    private readonly config: TelegramConfig,
    private readonly device: ChannelDevice<TelegramCredentials>,
  ) {}

  async round(signal: AbortSignal): Promise<number> {
    try {
      return await this.poll(signal);
    } catch (error) {
      if (!(error instanceof TelegramError && error.isWebhookConflict)) throw error;
      await this.call('deleteWebhook', { drop_pending_updates: false }, signal);
      return IDLE_PAUSE_MS;
    }
  }

  private async poll(signal: AbortSignal): Promise<number> {
    const asked = Date.now();
    const updates = asList(
      await this.call('getUpdates', this.question(), signal, this.config.telegramPollSeconds),
    );
    if (signal.aborted) return 0;
    await this.intake.accept(this.device, updates);
    // Only now: the next call with this offset makes Telegram forget them.
    const isNews = this.advance(updates);
    return isNews || Date.now() - asked >= IDLE_PAUSE_MS ? 0 : IDLE_PAUSE_MS;
  }

  private question(): Record<string, unknown> {
    if (Date.now() - this.lastUpdateAt > FORGET_OFFSET_MS) this.offset = undefined;
    return {
      timeout: this.config.telegramPollSeconds,
      limit: 100,
      allowed_updates: ALLOWED_UPDATES,
      ...(this.offset !== undefined && { offset: this.offset }),
    };
  }

  /** Moves the offset behind the updates; answers whether there was any that had not been there before. */
  private advance(updates: unknown[]): boolean {
    const ids = updates
      .map((update) => asNumber(asRecord(update)?.update_id))
      .filter((id) => id !== undefined);
    if (ids.length === 0) return false;
    const next = Math.max(...ids) + 1;
    const isNews = next !== this.offset;
    this.offset = next;
    this.lastUpdateAt = Date.now();
    return isNews;
  }

  private call(
    method: string,
    params: Record<string, unknown>,
    signal: AbortSignal,
    seconds = 0,
  ): Promise<unknown> {
    const timeoutMs = this.config.telegramTimeoutMs + seconds * 1_000;
    return this.api.call({ botToken: this.device.credentials.botToken, method, params, timeoutMs, signal });
  }
}
