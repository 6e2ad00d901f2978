import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@kirisan/local-stack';
import { WAITS } from './e2e.config.js';
import { takeEveryConnection } from './postgres-shortage.js';
import { checkLedger } from './ledger.js';
import { checkPromises } from './promises.js';
import { TestBed } from './test-bed.js';
import { Workload } from './workload.js';

// Real: every service as a process, PostgreSQL and nats-server that go away and come back, a sink.
/** Claims that were granted before are POSTed within it. */
const UNDER_WAY_MS = 3_000;
let bed: TestBed;
let pids: Record<string, number>;

beforeAll(async () => {
  bed = await TestBed.start();
  pids = bed.running.stack.pids;
}, 180_000);
afterAll(() => bed?.stop(), 90_000);

const services = () =>
  Object.entries(bed.running.stack.pids).filter(([name]) => name !== 'postgres' && name !== 'nats');
const startedBefore = () => Object.entries(pids).filter(([name]) => name !== 'postgres' && name !== 'nats');
/** Nothing recovers by dying. */
const nobodyDied = () => expect(services()).toEqual(startedBefore());

describe('an outage', () => {
  it('of PostgreSQL: messages are accepted, nothing is POSTed unlogged, and all is delivered afterwards', async () => {
    const line = await bed.line();
    const workload = new Workload('postgres-away', [line.ingestUrl], { pauseMs: 50 });
    workload.start();
    await workload.acceptedMore(50);
    await bed.running.takeDown('postgres');
    await sleep(UNDER_WAY_MS);
    const before = { accepted: workload.accepted.size, arrived: bed.sink.at(line.path).length };
    await sleep(WAITS.awayMs);
    expect(workload.accepted.size).toBeGreaterThan(before.accepted + 50);
    expect(bed.sink.at(line.path).length).toBe(before.arrived);
    await bed.running.bringUp('postgres');
    await bed.running.ready();
    await workload.stop();
    await checkPromises(bed, line, workload.accepted);
    nobodyDied();
  }, 240_000);

  it('of its connections: as when it is away', async () => {
    const line = await bed.line();
    const workload = new Workload('no-connections', [line.ingestUrl], { pauseMs: 50 });
    workload.start();
    await workload.acceptedMore(50);
    const giveBack = await takeEveryConnection(bed.running.stack.databaseUrl);
    await sleep(UNDER_WAY_MS);
    const before = { accepted: workload.accepted.size, arrived: bed.sink.at(line.path).length };
    await sleep(WAITS.shortageMs);
    expect(workload.accepted.size).toBeGreaterThan(before.accepted);
    expect(bed.sink.at(line.path).length).toBe(before.arrived);
    await giveBack();
    await bed.running.ready();
    await workload.stop();
    await checkPromises(bed, line, workload.accepted);
    nobodyDied();
  }, 240_000);

  it('of NATS: ingestors answer 503 until it is back, and take the repeats', async () => {
    const line = await bed.line();
    const workload = new Workload('nats-away', [line.ingestUrl]);
    workload.start();
    await workload.acceptedMore(100);
    await bed.running.takeDown('nats');
    const accepted = workload.accepted.size;
    const refused = () => workload.statuses.get(503) ?? 0;
    await waitFor(() => refused() > 0, { timeoutMs: 20_000, what: 'a 503' });
    await sleep(WAITS.awayMs);
    expect(workload.accepted.size).toBe(accepted);
    await bed.running.bringUp('nats');
    await bed.running.ready();
    await workload.acceptedMore(50);
    await workload.stop();
    expect([...workload.statuses.keys()].sort()).toEqual([200, 503]);
    await checkPromises(bed, line, workload.accepted);
    nobodyDied();
  }, 240_000);
});

describe('what is left of an outage', () => {
  it('is not a single dead letter', async () => {
    expect(await bed.client.log('/dead-letters')).toMatchObject({ status: 200, body: { items: [] } });
  });

  it('is a ledger that adds up, and the sink agrees', () => checkLedger(bed), 240_000);
});
