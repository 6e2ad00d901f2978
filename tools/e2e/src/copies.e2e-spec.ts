import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { WAITS } from './e2e.config.js';
import { checkLedger } from './ledger.js';
import { checkPromises } from './promises.js';
import { TestBed } from './test-bed.js';
import { Workload } from './workload.js';

// Real: two processes each of router, delivery worker and log service, PostgreSQL, nats-server, a sink.
const COPIED = ['router', 'delivery-worker', 'log-service'];
let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.start({ copies: Object.fromEntries(COPIED.map((name) => [name, 2])) });
}, 180_000);
afterAll(() => bed?.stop(), 90_000);

describe('two copies of router, delivery worker and log service', () => {
  it('keep every promise while one after the other is killed', async () => {
    const line = await bed.line();
    const workload = new Workload('killed-copies', [line.ingestUrl]);
    workload.start();
    for (const name of [...COPIED, ...COPIED.map((name) => `${name}-2`)]) {
      await workload.acceptedMore(60);
      await bed.running.kill(name);
    }
    await workload.acceptedMore(60);
    await workload.stop();
    await bed.running.ready();
    await checkPromises(bed, line, workload.accepted, { mayInterrupt: 100 });
  }, 240_000);

  it('keep every promise while a copy of each is frozen, which then goes on with what it had begun', async () => {
    const line = await bed.line();
    const workload = new Workload('frozen-copies', [line.ingestUrl]);
    workload.start();
    await workload.acceptedMore(60);
    for (const name of COPIED) await bed.running.kill(name, 'SIGSTOP');
    await sleep(WAITS.freezeMs);
    for (const name of COPIED) await bed.running.kill(name, 'SIGCONT');
    await workload.acceptedMore(60);
    await workload.stop();
    await checkPromises(bed, line, workload.accepted, { mayInterrupt: 50, mayExpire: 50 });
  }, 240_000);
});

describe('the ledger after all this', () => {
  it('adds up, and the sink agrees', () => checkLedger(bed), 240_000);
});
