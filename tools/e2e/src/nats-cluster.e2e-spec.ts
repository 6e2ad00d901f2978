import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { natsLogin, waitFor } from '@kirisan/local-stack';
import { WAITS } from './e2e.config.js';
import { NatsTrio } from './nats-cluster.js';
import { checkLedger } from './ledger.js';
import { checkPromises } from './promises.js';
import { TestBed } from './test-bed.js';
import { Workload } from './workload.js';

// Real: a cluster of three nats-server processes with three replicas of everything, every service, PostgreSQL, a sink.
let trio: NatsTrio;
let bed: TestBed;

beforeAll(async () => {
  trio = await NatsTrio.start();
  bed = await TestBed.start({ natsUrl: trio.url, env: { NATS_REPLICAS: '3' } });
}, 240_000);
afterAll(async () => {
  await bed?.stop();
  await trio?.stop();
}, 120_000);

/** Replicas of every stream and bucket, and whether all of them are up to date. */
async function replicas(): Promise<{ counts: number[]; current: boolean }> {
  const [first] = trio.nodes;
  const connection = await connect(natsLogin(first!.url));
  try {
    const manager = await jetstreamManager(connection);
    const streams = await manager.streams.list().next();
    return {
      counts: streams.map(({ config }) => config.num_replicas),
      current: streams.every(
        ({ cluster }) =>
          cluster?.leader &&
          cluster.replicas?.length === 2 &&
          cluster.replicas.every(({ current }) => current),
      ),
    };
  } finally {
    await connection.close();
  }
}

const isWhole = () =>
  waitFor(async () => (await replicas()).current, {
    timeoutMs: 60_000,
    intervalMs: 500,
    what: 'a whole cluster',
  });

describe('a NATS cluster of three', () => {
  it('keeps three copies of every stream and bucket', async () => {
    const { counts } = await replicas();
    expect(counts.length).toBeGreaterThan(5);
    expect(new Set(counts)).toEqual(new Set([3]));
  });

  it('loses any one node under load, and no promise', async () => {
    const line = await bed.line();
    const workload = new Workload('cluster', [line.ingestUrl], { pauseMs: 50 });
    workload.start();
    for (const node of trio.nodes) {
      await isWhole();
      await workload.acceptedMore(50);
      await node.kill();
      // Two of three go on.
      await workload.acceptedMore(50);
      await sleep(WAITS.shortageMs / 2);
      await node.start();
    }
    await isWhole();
    await workload.acceptedMore(50);
    await workload.stop();
    await checkPromises(bed, line, workload.accepted);
  }, 300_000);
});

describe('the ledger after all this', () => {
  it('adds up, and the sink agrees', () => checkLedger(bed), 240_000);
});
