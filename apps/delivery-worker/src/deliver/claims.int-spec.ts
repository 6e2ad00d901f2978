import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Stage } from '../testing/stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.start();
}, 60_000);
afterAll(() => stage?.stop());
afterEach(async () => {
  for (const worker of [...stage.workers]) await stage.stopWorker(worker);
  stage.log.delayMs = 0;
});

const postsOf = (id: string) => stage.sink.received.filter((post) => post.id === id);

describe('a claim', () => {
  it('whose reply is lost is asked for again with the same token, and its match is POSTed once', async () => {
    await stage.startWorker({ claimAskTimeoutMs: 300 });
    const endpoint = await stage.endpoint({ path: '/lost-reply' });
    const before = stage.log.requests.length;
    stage.log.losesReplies = 2;
    const [id] = await stage.route(stage.event([endpoint]));
    await stage.settled([id!]);
    const asked = stage.log.requests.slice(before);
    expect(asked).toHaveLength(3);
    expect(new Set(asked.map(({ token }) => token)).size).toBe(1);
    expect(postsOf(id!)).toHaveLength(1);
  });

  it('waits while the log service is away, and nothing is POSTed meanwhile', async () => {
    await stage.startWorker({ claimAskTimeoutMs: 300 });
    const endpoint = await stage.endpoint({ path: '/log-away' });
    stage.log.leave();
    const events = Array.from({ length: 50 }, () => stage.event([endpoint]));
    const ids = (await Promise.all(events.map((event) => stage.route(event)))).flat();
    await sleep(2_000);
    expect(stage.sink.to('/log-away')).toEqual([]);
    expect(await stage.stored('PARKED')).toBe(0);
    stage.log.serve();
    await stage.settled(ids);
    expect(stage.sink.to('/log-away')).toHaveLength(50);
    expect(stage.repeats()[0]).toBe(1);
  });

  it('uses the URL of the moment in which it is answered', async () => {
    await stage.startWorker({ claimAskTimeoutMs: 300 });
    const endpoint = await stage.endpoint({ path: '/moved-from' });
    stage.log.leave();
    const [id] = await stage.route(stage.event([endpoint]));
    await sleep(300);
    await stage.endpoint({ id: endpoint.id, path: '/moved-to', revision: 2 });
    await sleep(200);
    stage.log.serve();
    await stage.settled([id!]);
    expect(postsOf(id!)).toMatchObject([{ path: '/moved-to' }]);
    expect(stage.log.claims.get(id!)!.url).toBe(stage.sink.url('/moved-to'));
  });

  it('that can never be answered is set aside alone, and costs its neighbours nothing', async () => {
    await stage.startWorker({ claimAskTimeoutMs: 300 });
    const endpoint = await stage.endpoint({ path: '/never' });
    const events = Array.from({ length: 5 }, () => stage.event([endpoint]));
    stage.log.abhors.add(events[2]!.facts.id);
    const dead = await stage.stored('DEAD_LETTERS');
    const ids = await stage.route(...events);
    const fine = ids.filter((_, i) => i !== 2);
    await stage.settled(fine);
    await stage.until(
      'the bad one is set aside',
      async () => (await stage.stored('DEAD_LETTERS')) === dead + 1,
    );
    expect(fine.map((id) => postsOf(id).length)).toEqual([1, 1, 1, 1]);
    expect(postsOf(ids[2]!)).toEqual([]);
    expect(await stage.stored('DELIVERIES')).toBe(0);
  });

  it('that is answered too late is not POSTed any more, and its row says so', async () => {
    await stage.startWorker({ claimStartMs: 300 });
    const endpoint = await stage.endpoint({ path: '/late-reply' });
    stage.log.delayMs = 700;
    const [id] = await stage.route(stage.event([endpoint]));
    await stage.settled([id!]);
    expect(stage.log.outcomeOf(id!)).toMatchObject({ verdict: 'not_sent', error: { code: 'claim_expired' } });
    expect(postsOf(id!)).toEqual([]);
  });

  it('of a message that is in hand for longer than the acknowledgement wait is not asked by a second receipt', async () => {
    await stage.startWorker({ claimAskTimeoutMs: 500 });
    await stage.startWorker({ claimAskTimeoutMs: 500 });
    const endpoint = await stage.endpoint({ path: '/long' });
    stage.log.leave();
    const before = stage.log.requests.length;
    const [id] = await stage.route(stage.event([endpoint]));
    await sleep(13_000);
    stage.log.serve();
    await stage.settled([id!]);
    await sleep(500);
    const tokens = new Set(stage.log.requests.slice(before).map(({ token }) => token));
    expect([tokens.size, postsOf(id!).length]).toEqual([1, 1]);
  }, 30_000);
});

describe('NATS away', () => {
  it('costs no outcome and makes no second POST', async () => {
    await stage.startWorker();
    stage.sink.slowMs = 600;
    const endpoint = await stage.endpoint({ path: '/slow-and-away' });
    const ids = (
      await Promise.all(Array.from({ length: 20 }, () => stage.route(stage.event([endpoint]))))
    ).flat();
    await stage.until('all are under way', () => stage.sink.to('/slow-and-away').length === 20);
    await stage.nats.kill();
    await sleep(1_500);
    await stage.nats.start();
    await stage.settled(ids, 20_000);
    expect(stage.sink.to('/slow-and-away')).toHaveLength(20);
    expect(ids.map((id) => stage.log.outcomeOf(id)!.status)).toEqual(ids.map(() => 'success'));
  }, 40_000);
});

describe('two workers', () => {
  it('share the work, and no match is POSTed twice', async () => {
    await stage.startWorker({ maxMessagesInHand: 4 });
    await stage.startWorker({ maxMessagesInHand: 4 });
    stage.log.delayMs = 5;
    const endpoint = await stage.endpoint({ path: '/shared' });
    const events = Array.from({ length: 300 }, () => stage.event([endpoint]));
    const ids = (
      await Promise.all(events.map((event, i) => stage.route(event, events[(i * 7) % 300]!)))
    ).flat();
    await stage.settled(ids);
    expect(stage.sink.to('/shared')).toHaveLength(300);
    const workers = new Set(ids.map((id) => stage.log.claims.get(id)!.incarnation));
    expect(workers.size).toBe(2);
  });
});
