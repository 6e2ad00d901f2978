import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed, soakMinutes } from './e2e.config.js';
import { checkLedger } from './ledger.js';
import { checkPromises } from './promises.js';
import { Random } from './random.js';
import { TestBed } from './test-bed.js';
import { Workload } from './workload.js';

// Real: every service, two processes of some, PostgreSQL, nats-server, a sink; all but the sink die at random.
const SHORT_RUN_MS = 15_000;
const ROUND_MS = 60_000;
const totalMs = soakMinutes > 0 ? soakMinutes * 60_000 : SHORT_RUN_MS;
const random = new Random(seed);
let bed: TestBed;

beforeAll(async () => {
  process.stderr.write(`random faults: KIRISAN_SEED=${seed}\n`);
  bed = await TestBed.start({ copies: { router: 2, 'delivery-worker': 2, 'log-service': 2 } });
}, 180_000);
afterAll(() => bed?.stop(), 90_000);

/** One fault after another until the time is over; resolves with what was done to whom. */
async function faults(names: string[], forMs: number): Promise<string[]> {
  const done: string[] = [];
  for (const end = Date.now() + forMs; Date.now() < end;) {
    const name = random.pick(names);
    const fault = random.pick(['kill', 'kill', 'freeze', 'restart']);
    done.push(`${fault} ${name}`);
    if (fault === 'kill') await bed.running.kill(name);
    else if (fault === 'restart') await bed.running.restart(name);
    else await freeze(name, random.between(200, 4_000));
    await sleep(random.between(0, 2_000));
  }
  return done;
}

async function freeze(name: string, forMs: number): Promise<void> {
  await bed.running.kill(name, 'SIGSTOP');
  await sleep(forMs);
  await bed.running.kill(name, 'SIGCONT');
}

describe('faults at random moments', () => {
  it(
    'break no promise',
    async () => {
      const names = bed.processes;
      for (const end = Date.now() + totalMs; Date.now() < end;) {
        const line = await bed.line();
        const workload = new Workload(`random-${line.path}`, [line.ingestUrl]);
        workload.start();
        await workload.acceptedMore(50);
        const done = await faults(names, Math.min(ROUND_MS, end - Date.now()));
        process.stderr.write(`  ${done.join(', ')}\n`);
        await bed.running.ready();
        await workload.acceptedMore(50);
        await workload.stop();
        const worker = done.filter((what) => what.includes('delivery-worker')).length;
        const { rows } = await checkPromises(bed, line, workload.accepted, {
          mayInterrupt: 100 * worker,
          mayExpire: 100 * worker,
        });
        expect(rows).toBeGreaterThanOrEqual(workload.accepted.size);
        await checkLedger(bed);
      }
    },
    totalMs + 300_000,
  );
});
