import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack } from '@kirisan/local-stack';
import type { Figures } from '../experiment.js';
import { residentMegabytes } from '../process-figures.js';

const SETTLED_MS = 20_000;
const TELEGRAM_AWAY = { LOG_LEVEL: 'warn', TELEGRAM_API_URL: 'http://127.0.0.1:9' };

/** Seconds until every service is ready, with and without data of an earlier start, and memory when nothing happens. */
export async function startUp(): Promise<Figures> {
  const dir = mkdtempSync(join(tmpdir(), 'kirisan-bench-'));
  const start = async () => {
    const started = performance.now();
    const running = await startStack({ dir, ports: 'free', build: 'bench', env: TELEGRAM_AWAY });
    return { running, seconds: Math.round((performance.now() - started) / 100) / 10 };
  };
  try {
    const first = await start();
    await first.running.stop();
    const again = await start();
    await sleep(SETTLED_MS);
    const memory = Object.fromEntries(
      Object.entries(again.running.stack.pids).map(([name, pid]) => [name, residentMegabytes(pid)]),
    );
    await again.running.stop();
    return {
      'start, s': { first: first.seconds, warm: again.seconds },
      'memory idle, MB': memory,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
