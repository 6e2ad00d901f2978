import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type NatsServer,
  type PostgresServer,
  startNats,
  startPostgres,
  waitFor,
} from '@kirisan/local-stack';
import { WAITS } from './e2e.config.js';
import { checkLedger } from './ledger.js';
import { checkPromises } from './promises.js';
import { canMount, SmallDisk } from './small-disk.js';
import { TestBed } from './test-bed.js';
import { Workload } from './workload.js';

// Real: PostgreSQL and nats-server, each on a file system of its own that becomes full, every service, a sink.
const onlyAsRoot = canMount() ? describe : describe.skip;

onlyAsRoot('a full disk (needs the right to mount a tmpfs)', () => {
  let natsDisk: SmallDisk;
  let postgresDisk: SmallDisk;
  let nats: NatsServer;
  let postgres: PostgresServer;
  let bed: TestBed;

  beforeAll(async () => {
    natsDisk = SmallDisk.mount('nats');
    postgresDisk = SmallDisk.mount('postgres');
    nats = await startNats({ dir: natsDisk.dir });
    postgres = await startPostgres({ dir: postgresDisk.dir, durable: false });
    const databaseUrl = await postgres.createDatabase('kirisan');
    bed = await TestBed.start({ natsUrl: nats.url, databaseUrl });
  }, 180_000);
  afterAll(async () => {
    await bed?.stop();
    await Promise.all([nats?.stop(), postgres?.stop()]);
    natsDisk?.remove();
    postgresDisk?.remove();
  }, 90_000);

  it('of NATS: ingestors answer 503, and everything goes on when it starts again with room', async () => {
    const line = await bed.line();
    const workload = new Workload('nats-full', [line.ingestUrl]);
    workload.start();
    await workload.acceptedMore(50);
    natsDisk.fill();
    await waitFor(() => workload.statuses.has(503), { timeoutMs: 60_000, what: 'a 503' });
    await sleep(WAITS.shortageMs);
    natsDisk.makeRoom();
    // A nats-server that could not write a stream does not try again before it is started anew (2.15).
    await nats.restart();
    await workload.acceptedMore(50);
    await workload.stop();
    await checkPromises(bed, line, workload.accepted);
  }, 240_000);

  it('of PostgreSQL: nothing is POSTed unlogged, and everything goes on when there is room again', async () => {
    const line = await bed.line();
    const workload = new Workload('postgres-full', [line.ingestUrl]);
    workload.start();
    await workload.acceptedMore(50);
    postgresDisk.fill();
    const log = () => bed.running.logs('log-service');
    await waitFor(() => /No space left|could not extend/i.test(log()), {
      timeoutMs: 60_000,
      intervalMs: 200,
      what: 'the log service to notice',
    });
    await sleep(WAITS.shortageMs);
    const accepted = workload.accepted.size;
    await workload.acceptedMore(20);
    expect(workload.accepted.size).toBeGreaterThan(accepted);
    postgresDisk.makeRoom();
    // What a supervisor does: it gives up when it cannot write its log.
    if (!postgres.running) await postgres.start();
    await workload.stop();
    await checkPromises(bed, line, workload.accepted);
  }, 240_000);

  it('leaves a ledger that adds up, and the sink agrees', () => checkLedger(bed), 240_000);
});
