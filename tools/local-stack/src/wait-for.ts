import { setTimeout as sleep } from 'node:timers/promises';

/** How long and how often {@link waitFor} looks; `what` names the wish in the error. */
export interface WaitOptions {
  timeoutMs?: number;
  intervalMs?: number;
  what?: string;
}

/**
 * Resolves with the first truthy value that `condition` gives; a condition that throws counts as "not yet".
 * Rejects after `timeoutMs` (10 s) with `what` and the last error as its cause.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 20, what = 'the condition' }: WaitOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) throw new Error(`${what}: not within ${timeoutMs} ms`, { cause });
    await sleep(intervalMs);
  }
}
