import type { Message } from '@kirisan/contracts';

/** What a message says, and what of it goes into `metadata`. */
export interface Content {
  message: Message;
  extras: Record<string, unknown>;
}
