import type { Message } from '@kirisan/contracts';

export type Data = Record<string, unknown>;

/** What a message says, and what of it goes into `metadata`. */
export interface Content {
  message: Message;
  extras: Data;
}
