import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@kirisan/local-stack';
import { WAITS } from './e2e.config.js';
import { pointsInSources } from './failpoints.js';
import { checkLedger } from './ledger.js';
import { checkPromises } from './promises.js';
import { type Line, TestBed } from './test-bed.js';
import { Workload } from './workload.js';

// Real: every service as a built process that is killed with SIGKILL under load, PostgreSQL, nats-server, a sink.
let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.start();
}, 180_000);
afterAll(async () => {
  const hits = pointsInSources().map((point) => `  ${point}: ${bed?.failpoints.hits(point)}`);
  process.stderr.write(`failpoints, and how often each was hit:\n${hits.join('\n')}\n`);
  await bed?.stop();
}, 90_000);

/** Arms a point, loads the system until the process has died there, and a while longer. */
async function dieAt(point: string, workload: Workload) {
  workload.start();
  await workload.acceptedMore(20);
  bed.failpoints.arm(point, 5);
  await waitFor(() => bed.failpoints.fired(point), { timeoutMs: 60_000, what: `${point} to be hit` });
  await bed.running.ready();
  await workload.acceptedMore(50);
  await workload.stop();
}

const OF_OTHERS = ['ingest.published', 'router.published', 'log.claim-committed', 'log.outcome-committed'];
const OF_THE_WORKER = ['worker.claimed', 'worker.posting', 'worker.answered', 'worker.recorded'];
const WITHOUT_MATCH = 'log.registered';

interface Run {
  line: Line;
  workload: Workload;
}

describe.each([
  { who: 'ingestor, router and log service', points: OF_OTHERS, mayInterrupt: 0 },
  { who: 'delivery worker', points: OF_THE_WORKER, mayInterrupt: 100 },
])('kill -9 of $who at every step', ({ points, mayInterrupt }) => {
  const runs = new Map<string, Run>();
  let interrupted = 0;

  // One after another, so that all of them settle at the same time.
  it.each(points)(
    'at %s',
    async (point) => {
      const line = await bed.line();
      const workload = new Workload(point, [line.ingestUrl]);
      runs.set(point, { line, workload });
      await dieAt(point, workload);
    },
    120_000,
  );

  it.each(points)(
    'at %s loses nothing, sends nothing twice, and leaves one row a match',
    async (point) => {
      const { line, workload } = runs.get(point)!;
      const found = await checkPromises(bed, line, workload.accepted, { mayInterrupt });
      interrupted += found.interrupted;
    },
    240_000,
  );

  it(`leaves rows that say so of the POSTs that were cut off`, () => {
    expect(interrupted > 0).toBe(mayInterrupt > 0);
  });
});

describe('kill -9 at the other steps', () => {
  it('log.registered: every event without a match has its one record', async () => {
    const device = await bed.device('lonely');
    const workload = new Workload('lonely', [device.ingestUrl]);
    await dieAt(WITHOUT_MATCH, workload);
    const records = () => bed.client.all<{ id: string; reason: string }>(`/events?deviceId=${device.id}`);
    await waitFor(async () => (await records()).length >= workload.accepted.size, {
      timeoutMs: WAITS.settleMs,
      intervalMs: 500,
      what: 'a record of each event',
    });
    const found = await records();
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
    expect(new Set(found.map(({ reason }) => reason))).toEqual(new Set(['no_endpoint']));
  }, 240_000);

  it('hits every point that there is in the code', () => {
    expect(pointsInSources()).toEqual([...OF_OTHERS, ...OF_THE_WORKER, WITHOUT_MATCH].sort());
    expect(pointsInSources().filter((point) => bed.failpoints.hits(point) === 0)).toEqual([]);
  });
});

describe('infrastructure that dies under load', () => {
  it.each(['nats', 'postgres'])(
    '%s killed and started again',
    async (server) => {
      const line = await bed.line();
      const workload = new Workload(`killed-${server}`, [line.ingestUrl]);
      workload.start();
      await workload.acceptedMore(100);
      await bed.running.kill(server);
      await bed.running.ready();
      await workload.acceptedMore(50);
      await workload.stop();
      await checkPromises(bed, line, workload.accepted);
    },
    240_000,
  );
});

describe('a process that is frozen for longer than the acknowledgement wait', () => {
  it.each(['log-service', 'delivery-worker', 'router'])(
    '%s',
    async (service) => {
      const line = await bed.line();
      const workload = new Workload(`frozen-${service}`, [line.ingestUrl]);
      workload.start();
      await workload.acceptedMore(100);
      await bed.running.kill(service, 'SIGSTOP');
      await sleep(WAITS.freezeMs);
      await bed.running.kill(service, 'SIGCONT');
      await workload.acceptedMore(50);
      await workload.stop();
      // A worker frozen in mid-POST: the sink has the answer waiting, or its row says interrupted until then.
      const most = service === 'delivery-worker' ? 50 : 0;
      await checkPromises(bed, line, workload.accepted, { mayInterrupt: most, mayExpire: most });
    },
    240_000,
  );
});

describe('a clean stop in mid-load', () => {
  it('interrupts nothing', async () => {
    const line = await bed.line();
    const workload = new Workload('rolling', [line.ingestUrl]);
    workload.start();
    for (const service of ['router', 'delivery-worker', 'log-service', 'registry', 'ingestor-whatsapp']) {
      await workload.acceptedMore(20);
      await bed.running.restart(service);
    }
    await workload.stop();
    const { interrupted } = await checkPromises(bed, line, workload.accepted);
    expect(interrupted).toBe(0);
  }, 240_000);
});

describe('the ledger after all this', () => {
  it('adds up, and the sink agrees', () => checkLedger(bed), 240_000);
});
