import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats } from '@kirisan/local-stack';
import { CONFIG } from '../bench.config.js';
import { BenchStack } from '../bench-stack.js';
import type { Figures } from '../experiment.js';
import { median } from '../process-figures.js';

/** Deliveries a second with NATS writing to the disk before each acknowledgement, and every two minutes. */
export async function synchronous(): Promise<Figures> {
  return {
    'deliveries/s by sync_interval of NATS': {
      default: await withNats(false),
      always: await withNats(true),
    },
  };
}

async function withNats(syncAlways: boolean): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'kirisan-bench-nats-'));
  const nats = await startNats({ dir, syncAlways });
  try {
    return await BenchStack.use(deliver, { natsUrl: nats.url });
  } finally {
    await nats.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function deliver(stack: BenchStack): Promise<number> {
  const lines = await stack.lines();
  await stack.deliver(lines, 4_000);
  const rates: number[] = [];
  for (let pair = 0; pair < CONFIG.pairs; pair++)
    rates.push((await stack.deliver(lines, CONFIG.events / 2)).deliveriesPerSecond);
  return median(rates);
}
