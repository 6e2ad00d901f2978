import type { ChannelDevice } from '@kirisan/channel-kit';
import type { TelegramCredentials } from './telegram.credentials.js';

/** The update that an event is made from. */
export interface UpdateContext {
  device: ChannelDevice<TelegramCredentials>;
  updateId: string;
  /** The member of the update that holds the event. */
  kind: string;
  /** Unix milliseconds. */
  receivedAt: number;
}
