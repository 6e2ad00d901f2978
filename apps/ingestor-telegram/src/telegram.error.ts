import { ConnectorError } from '@kirisan/channel-kit';

/** What kind of failure a call of the Bot API met. */
export type TelegramFailure =
  /** No answer: name, connection, TLS, time. */
  | 'unreachable'
  /** The token is not (any more) one of Telegram's. */
  | 'unauthorised'
  /** Another poller or a webhook is in the way. */
  | 'conflict'
  /** Too many calls; Telegram says how long to wait. */
  | 'throttled'
  /** Telegram refuses what was asked. */
  | 'refused'
  /** An answer that is not the Bot API's, or trouble at Telegram. */
  | 'broken';

/** A call of the Bot API failed. The message never holds the token, which is part of every URL of the API. */
export class TelegramError extends ConnectorError {
  override name = 'TelegramError';
  constructor(
    readonly failure: TelegramFailure,
    message: string,
    retryAfterMs = 0,
  ) {
    super(message, retryAfterMs);
  }

  /** A webhook is set, so that nobody may poll. */
  get isWebhookConflict(): boolean {
    return this.failure === 'conflict' && /webhook is active|deleteWebhook/i.test(this.message);
  }
}
