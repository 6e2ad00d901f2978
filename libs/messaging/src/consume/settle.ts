import { FrameError } from '@kirisan/contracts';
import { errorText, PermanentError, TransientError } from '@kirisan/service';

/** What is done with a message: the class of the error is the policy, and this is the only place that knows it. */
export type Settlement =
  { kind: 'ack' } | { kind: 'retry'; delayMs: number } | { kind: 'dead'; reason: string };

/** Tries of a message that fails for a reason we do not understand before it is set aside. */
export const MAX_TRIES = 8;

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 15_000;

/** Whether trying the same bytes again is in vain. */
export function isPermanent(error: unknown): boolean {
  return error instanceof PermanentError || error instanceof FrameError;
}

/**
 * `tries` counts the failures of this message in this process. Something away is asked for again for as long as it is
 * away; a wrong message is set aside at once; a bug gets {@link MAX_TRIES} chances, as it may hang on circumstances.
 */
export function settlement(error: unknown, tries: number): Settlement {
  if (error instanceof TransientError) return { kind: 'retry', delayMs: delay(tries) };
  if (isPermanent(error)) return { kind: 'dead', reason: errorText(error) };
  if (tries >= MAX_TRIES) return { kind: 'dead', reason: `failed ${tries} times: ${errorText(error)}` };
  return { kind: 'retry', delayMs: delay(tries) };
}

function delay(tries: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(tries - 1, 10));
}
