import { describe, expect, it } from '@jest/globals';
import type { JetStreamManager } from '@nats-io/jetstream';
import { jetStreamReady } from './jetstream-ready.js';

/** Answers after so many questions, as a cluster does once it has a leader. */
function managerWithLeaderAfter(questions: number): JetStreamManager {
  let asked = 0;
  const next = () => (++asked > questions ? Promise.resolve([]) : Promise.reject(new Error('timeout')));
  return { streams: { names: () => ({ next }) } } as unknown as JetStreamManager;
}

describe('jetStreamReady', () => {
  it('waits for a leader', async () => {
    await expect(jetStreamReady(managerWithLeaderAfter(1), 5_000)).resolves.toBeUndefined();
  });

  it('gives up with what was wrong', async () => {
    await expect(jetStreamReady(managerWithLeaderAfter(100), 600)).rejects.toThrow('timeout');
  });
});
