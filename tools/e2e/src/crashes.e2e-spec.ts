import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@kirisan/local-stack';
import { checkPromises } from './promises.js';
import { TestBed } from './test-bed.js';
import { Workload } from './workload.js';

// Real: every service as a built process that is killed with SIGKILL under load, PostgreSQL, nats-server, a sink.
let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.start();
}, 180_000);
afterAll(() => bed?.stop(), 90_000);

/** Arms a point, loads the system until the process died there, lets it settle, and checks every promise. */
async function dieAt(point: string, service: string, hit: number) {
  const line = await bed.line();
  const file = join(bed.failpointDir, point);
  writeFileSync(`${file}.arm`, String(hit));
  await bed.running.restart(service);
  const workload = new Workload(point, [line.ingestUrl]);
  workload.start();
  await waitFor(() => existsSync(`${file}.hit`), { timeoutMs: 30_000, what: `${point} to be hit` });
  await bed.running.ready();
  await workload.sendAccepted(50);
  return { line, accepted: workload.accepted };
}

const POINTS: [point: string, service: string, workerDies: boolean][] = [
  ['ingest.published', 'ingestor-whatsapp', false],
  ['router.published', 'router', false],
  ['worker.claimed', 'delivery-worker', true],
  ['worker.posting', 'delivery-worker', true],
  ['worker.answered', 'delivery-worker', true],
  ['worker.recorded', 'delivery-worker', true],
  ['log.claim-committed', 'log-service', false],
  ['log.outcome-committed', 'log-service', false],
];

describe('kill -9 at every step', () => {
  it.each(POINTS)(
    '%s: nothing lost, nothing twice, every match one row',
    async (point, service, workerDies) => {
      const { line, accepted } = await dieAt(point, service, 20);
      const { interrupted } = await checkPromises({
        client: bed.client,
        sink: bed.sink,
        ...line,
        accepted,
        mayInterrupt: workerDies ? 100 : 0,
      });
      if (point === 'worker.claimed' || point === 'worker.answered') expect(interrupted).toBeGreaterThan(0);
    },
    180_000,
  );
});

describe('infrastructure that dies under load', () => {
  it.each(['nats', 'postgres'])(
    '%s killed and started again',
    async (server) => {
      const line = await bed.line();
      const workload = new Workload(`killed-${server}`, [line.ingestUrl]);
      workload.start();
      await waitFor(() => workload.accepted.size > 100, { timeoutMs: 20_000 });
      await bed.running.kill(server);
      await bed.running.ready();
      await workload.stop();
      await workload.sendAccepted(50);
      await checkPromises({ client: bed.client, sink: bed.sink, ...line, accepted: workload.accepted });
    },
    180_000,
  );

  it.each(['log-service', 'delivery-worker', 'router'])(
    '%s frozen for longer than the acknowledgement wait',
    async (service) => {
      const line = await bed.line();
      const workload = new Workload(`frozen-${service}`, [line.ingestUrl]);
      workload.start();
      await waitFor(() => workload.accepted.size > 100, { timeoutMs: 20_000 });
      await bed.running.kill(service, 'SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      await bed.running.kill(service, 'SIGCONT');
      await workload.stop();
      await workload.sendAccepted(50);
      // A worker frozen in mid-POST: the sink has the answer waiting, or its row says interrupted until then.
      await checkPromises({
        client: bed.client,
        sink: bed.sink,
        ...line,
        accepted: workload.accepted,
        mayInterrupt: service === 'delivery-worker' ? 50 : 0,
        mayExpire: service === 'delivery-worker' ? 50 : 0,
      });
    },
    180_000,
  );
});

describe('a clean stop in mid-load', () => {
  it('interrupts nothing', async () => {
    const line = await bed.line();
    const workload = new Workload('rolling', [line.ingestUrl]);
    workload.start();
    for (const service of ['router', 'delivery-worker', 'log-service', 'registry', 'ingestor-whatsapp']) {
      await waitFor(() => workload.accepted.size > 20, { timeoutMs: 20_000 });
      await bed.running.restart(service);
    }
    await workload.stop();
    const { interrupted } = await checkPromises({
      client: bed.client,
      sink: bed.sink,
      ...line,
      accepted: workload.accepted,
    });
    expect(interrupted).toBe(0);
  }, 180_000);
});
