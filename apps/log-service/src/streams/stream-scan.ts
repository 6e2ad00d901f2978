import type { StreamName } from '@kirisan/contracts';
import type { StoredMessage, StreamStore } from './stream-store.client.js';

/** Stretches of a stream that are read at the same time. */
const LANES = 16;

/** How much may be read, over several scans. */
export interface ScanBudget {
  messages: number;
  bytes: number;
  /** `performance.now()`. */
  deadline: number;
}

export interface ScanRange {
  stream: StreamName;
  subject: string;
  /** Sequences, both included. */
  first: number;
  last: number;
}

/**
 * Shows `visit` the messages of a range, in no order, until it answers false. Resolves with whether none was left out for
 * want of budget.
 */
export async function scanStream(
  store: StreamStore,
  range: ScanRange,
  budget: ScanBudget,
  visit: (message: StoredMessage) => boolean,
): Promise<boolean> {
  const { stream, subject, first, last } = range;
  const width = Math.max(1, Math.ceil((last - first + 1) / LANES));
  let isWanted = true;
  let isComplete = true;
  const lane = async (from: number, to: number) => {
    let sequence = from;
    while (isWanted && sequence <= to) {
      if (isSpent(budget)) return void (isComplete = false);
      const message = await store.next(stream, sequence, subject);
      if (!message || message.sequence > to) return;
      budget.messages--;
      budget.bytes -= message.data.byteLength;
      isWanted &&= visit(message);
      sequence = message.sequence + 1;
    }
  };
  const lanes: Promise<void>[] = [];
  for (let from = first; from <= last; from += width)
    lanes.push(lane(from, Math.min(last, from + width - 1)));
  await Promise.all(lanes);
  return isComplete;
}

function isSpent({ messages, bytes, deadline }: ScanBudget): boolean {
  return messages <= 0 || bytes <= 0 || performance.now() > deadline;
}
