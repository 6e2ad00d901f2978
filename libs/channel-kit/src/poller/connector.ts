import type { ChannelDevice } from '../channel.js';

/** Injects the channel's {@link Connector}. */
export const CONNECTOR = Symbol('connector');

/** What a channel does for each of its devices besides taking webhooks: polls the provider, or registers itself there. */
export interface Connector<C> {
  /**
   * Called when this copy of the service becomes the one that looks after the device, and again when the device's
   * credentials change. `ingestUrl` is where the provider reaches the device. Does no work by itself.
   */
  open(device: ChannelDevice<C>, ingestUrl: string): ConnectorSession;
}

/** One device for as long as this copy looks after it; keeps what must be remembered between rounds. */
export interface ConnectorSession {
  /**
   * Called again and again, one call at a time. Resolves with the milliseconds to wait before the next call, 0 for none.
   * Throws `ConnectorError` when the provider can not be used; the next call comes after a growing pause. Must end soon
   * after `signal` is aborted; what it does then is ignored.
   */
  round(signal: AbortSignal): Promise<number>;
}

/** The provider can not be used at the moment. The message is shown as the device's health: plain words, no secret. */
export class ConnectorError extends Error {
  override name = 'ConnectorError';
  constructor(
    message: string,
    /** The pause that the provider asked for, in milliseconds. */
    readonly retryAfterMs: number = 0,
  ) {
    super(message);
  }
}
