import { setTimeout as sleep } from 'node:timers/promises';
import type { JetStreamManager } from '@nats-io/jetstream';

const PAUSE_MS = 500;

/** Waits for a cluster that has just been started to have a leader; throws the last error after `timeoutMs`. */
export async function jetStreamReady(manager: JetStreamManager, timeoutMs: number): Promise<void> {
  for (const deadline = performance.now() + timeoutMs; ;) {
    try {
      await manager.streams.names().next();
      return;
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await sleep(PAUSE_MS);
  }
}
