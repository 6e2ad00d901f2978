import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  encodeRecords,
  type EndpointEntry,
  matchId,
  parkedConsumer,
  STREAMS,
  SUBJECTS,
} from '@kirisan/contracts';
import { applyTopology } from '@kirisan/messaging';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { Stage } from '../testing/stage.js';

const FEW = { maxInFlightPerEndpoint: 5, slotWaitMs: 50, parkedScanMs: 200 };
let stage: Stage;
let path: string;
let hanging: EndpointEntry;
let count = 0;

beforeAll(async () => {
  stage = await Stage.start();
}, 60_000);
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.sink.isHanging = true;
  path = `/hang-${++count}`;
  hanging = await stage.endpoint({ path });
});
afterEach(async () => {
  stage.sink.recover();
  await stage.until('nothing is parked', async () => (await stage.stored('PARKED')) === 0);
  for (const worker of [...stage.workers]) await stage.stopWorker(worker);
}, 20_000);

const arrived = () => stage.sink.to(path).length;
const claimed = (ids: string[]) => ids.filter((id) => stage.log.claims.has(id)).length;

async function routeMany(endpoint: EndpointEntry, number: number): Promise<string[]> {
  const events = Array.from({ length: number }, () => stage.event([endpoint]));
  return (await Promise.all(events.map((event) => stage.route(event)))).flat();
}

describe('the surplus for an endpoint that hangs', () => {
  it('is parked before its claim, and is delivered once when the endpoint recovers', async () => {
    await stage.startWorker(FEW);
    const ids = await routeMany(hanging, 40);
    await stage.until('the surplus is parked', async () => (await stage.stored('PARKED')) === 35);
    await stage.until('nothing waits in the stream', async () => (await stage.stored('DELIVERIES')) === 0);
    await sleep(500);
    expect([arrived(), claimed(ids)]).toEqual([5, 5]);
    stage.sink.recover();
    await stage.settled(ids);
    expect(arrived()).toBe(40);
    expect(stage.repeats()[0]).toBe(1);
  });

  it('does not delay what goes to others, not even in the same message', async () => {
    await stage.startWorker(FEW);
    await routeMany(hanging, 20);
    const good = await stage.endpoint({ path: '/good' });
    await sleep(200);
    const started = Date.now();
    for (let i = 0; i < 50; i++) await stage.route(stage.event([hanging, good]), stage.event([hanging]));
    await stage.until('the others have arrived', () => stage.sink.to('/good').length === 50);
    expect(Date.now() - started).toBeLessThan(2_000);
    expect(arrived()).toBe(5);
  });

  it('registers its event although no match is claimed', async () => {
    await stage.startWorker(FEW);
    await routeMany(hanging, 30);
    await stage.until('matches are parked', async () => (await stage.stored('PARKED')) > 0);
    const event = stage.event([hanging]);
    const [id] = await stage.route(event);
    await stage.until('the event is registered', () => stage.log.registered.has(event.facts.id));
    expect(stage.log.claims.has(id!)).toBe(false);
  });

  it('goes on after a restart', async () => {
    const first = await stage.startWorker({ ...FEW, liveTimeoutMs: 1_000 });
    const ids = await routeMany(hanging, 15);
    await stage.until('the surplus is parked', async () => (await stage.stored('PARKED')) >= 5);
    await stage.stopWorker(first);
    stage.sink.recover();
    await stage.startWorker(FEW);
    await stage.settled(ids);
    expect(arrived()).toBe(15);
    expect(stage.repeats()[0]).toBe(1);
  });

  it('is shared by two workers', async () => {
    await stage.startWorker(FEW);
    await stage.startWorker(FEW);
    const ids = await routeMany(hanging, 100);
    await stage.until('both are full', () => arrived() === 10);
    await sleep(500);
    expect(arrived()).toBe(10);
    stage.sink.recover();
    await stage.settled(ids);
    expect(arrived()).toBe(100);
    expect(stage.repeats()[0]).toBe(1);
  });

  it('ends as expired after its greatest age', async () => {
    await stage.startWorker({ ...FEW, liveTimeoutMs: 1_500, parkedMaxAgeMs: 500 });
    const ids = await routeMany(hanging, 30);
    await stage.settled(ids);
    const reasons = ids.map((id) => stage.log.outcomeOf(id)!.reason);
    expect(reasons.filter((reason) => reason === 'expired')).toHaveLength(30 - arrived());
    expect(arrived()).toBeLessThan(12);
  });

  it('ends without a POST when the endpoint is deleted', async () => {
    await stage.startWorker({ ...FEW, liveTimeoutMs: 1_500 });
    const ids = await routeMany(hanging, 30);
    await stage.until('the surplus is parked', async () => (await stage.stored('PARKED')) === 25);
    await stage.removeEndpoint(hanging.id);
    await stage.settled(ids);
    expect(arrived()).toBe(5);
    expect(ids.filter((id) => stage.log.outcomeOf(id)!.reason === 'endpoint_deleted')).toHaveLength(25);
  });
});

describe('an endpoint that keeps timing out', () => {
  it('gets few deliveries at a time, and all again when it answers', async () => {
    await stage.startWorker({ ...FEW, liveTimeoutMs: 400, slowAfterTimeouts: 3, slowEndpointInFlight: 1 });
    const ids = await routeMany(hanging, 25);
    await stage.until(
      'it has timed out',
      () => stage.log.outcomes.filter(({ id }) => ids.includes(id)).length >= 6,
    );
    const before = arrived();
    await sleep(900);
    expect(arrived() - before).toBeLessThanOrEqual(4);
    expect(stage.log.heartbeats.length).toBeGreaterThan(0);
    stage.sink.recover();
    await stage.settled(ids);
    expect(arrived()).toBe(25);
    const outcomes = ids.map((id) => stage.log.outcomeOf(id)!);
    expect(outcomes.filter(({ verdict }) => verdict === 'sent_no_answer').length).toBeGreaterThanOrEqual(6);
    expect(outcomes.filter(({ status }) => status === 'success').length).toBeGreaterThan(5);
  });
});

describe('many endpoints that hang', () => {
  it('do not take the room of those that answer', async () => {
    await stage.startWorker({ maxInFlight: 100, saturatedShare: 0.3, liveTimeoutMs: 4_000 });
    const endpoints = await Promise.all(Array.from({ length: 20 }, () => stage.endpoint({ path })));
    const good = await stage.endpoint({ path: '/still-good' });
    for (let round = 0; round < 8; round++) {
      await stage.route(stage.event(endpoints.slice(round % 2 ? 10 : 0, round % 2 ? 20 : 10)));
      await sleep(200);
    }
    const started = Date.now();
    for (let i = 0; i < 30; i++) await stage.route(stage.event([good]));
    await stage.until('the good one got all', () => stage.sink.to('/still-good').length === 30, 3_000);
    expect(Date.now() - started).toBeLessThan(1_500);
  }, 30_000);
});

describe('a burst for an endpoint that answers', () => {
  it('waits for its slots and is not parked', async () => {
    await stage.startWorker({ maxInFlightPerEndpoint: 20, slotWaitMs: 5_000 });
    const fast = await stage.endpoint({ path: '/fast' });
    const events = Array.from({ length: 400 }, () => stage.event([fast]));
    const ids: string[] = [];
    for (let i = 0; i < 400; i += 50) ids.push(...(await stage.route(...events.slice(i, i + 50))));
    let parked = 0;
    await stage.until('all are delivered', async () => {
      parked = Math.max(parked, await stage.stored('PARKED'));
      return ids.every((id) => stage.log.outcomeOf(id));
    });
    expect([parked, stage.sink.to('/fast').length]).toEqual([0, 400]);
  });
});

describe('the consumer of an endpoint', () => {
  it('that is ahead of its stream is made anew, and what is parked is delivered', async () => {
    stage.sink.recover();
    const manager = await stage.messaging.manager();
    await manager.streams.delete(STREAMS.PARKED.name);
    // Only a stream of this kind lets a consumer begin where no message is yet.
    await manager.streams.add({ name: STREAMS.PARKED.name, subjects: STREAMS.PARKED.subjects });
    await manager.consumers.add(STREAMS.PARKED.name, {
      durable_name: parkedConsumer(hanging.id),
      filter_subject: SUBJECTS.parked(hanging.id),
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: 1_000,
    });
    const event = stage.event([hanging]);
    await stage.messaging.publish(SUBJECTS.parked(hanging.id), encodeRecords([event]));
    await stage.startWorker(FEW);
    await stage.settled([matchId(event.facts.id, hanging.id)]);
    for (const worker of [...stage.workers]) await stage.stopWorker(worker);
    await manager.streams.delete(STREAMS.PARKED.name);
    await applyTopology(stage.messaging, { replicas: 1 });
  });
});
