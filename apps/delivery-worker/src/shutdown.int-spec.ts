import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Incarnation } from './deliver/incarnation.js';
import { Stage } from './testing/stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.start();
}, 60_000);
afterAll(() => stage?.stop());
afterEach(async () => {
  for (const worker of [...stage.workers]) await stage.stopWorker(worker);
});

describe('a worker that is stopped', () => {
  it('finishes its POSTs, stores their outcomes and shows signs of life until then', async () => {
    const worker = await stage.startWorker({ heartbeatMs: 100 });
    const { id: incarnation } = worker.get(Incarnation);
    stage.sink.slowMs = 1_500;
    const endpoint = await stage.endpoint({ path: '/slow' });
    const ids = (
      await Promise.all(Array.from({ length: 30 }, () => stage.route(stage.event([endpoint]))))
    ).flat();
    await stage.until('all are under way', () => stage.sink.to('/slow').length === 30);
    const stopped = stage.stopWorker(worker).then(() => Date.now());
    const late = await stage.route(stage.event([endpoint]));
    await stopped;
    const beats = stage.log.heartbeats.filter((beat) => beat.incarnation === incarnation);
    expect(beats.length).toBeGreaterThan(12);
    expect(beats.some(({ inFlight }) => inFlight === 30)).toBe(true);
    await stage.settled(ids);
    expect(ids.every((id) => stage.log.outcomeOf(id)!.status === 'success')).toBe(true);
    const started = Date.now();
    await stage.startWorker();
    await stage.settled(late);
    expect(Date.now() - started).toBeLessThan(8_000);
    expect(stage.repeats()[0]).toBe(1);
  });

  it('gives back what waits for a slot', async () => {
    const worker = await stage.startWorker({ maxInFlight: 2, liveTimeoutMs: 1_000 });
    const endpoint = await stage.endpoint({ path: '/hang' });
    const other = await stage.endpoint({ path: '/other' });
    const ids = await stage.route(stage.event([endpoint]), stage.event([endpoint]));
    await stage.until('the worker is full', () => stage.sink.to('/hang').length === 2);
    ids.push(...(await stage.route(stage.event([other]))));
    await sleep(100);
    await stage.stopWorker(worker);
    expect(stage.sink.to('/other')).toEqual([]);
    await stage.startWorker();
    await stage.settled(ids);
    expect(stage.sink.to('/other')).toHaveLength(1);
    expect(stage.repeats()[0]).toBe(1);
  });

  it('loses and repeats nothing when workers replace each other under load', async () => {
    stage.sink.slowMs = 50;
    const endpoint = await stage.endpoint({ path: '/slow-rolling' });
    const ids: string[] = [];
    let worker = await stage.startWorker({ maxMessagesInHand: 8 });
    let isOver = false;
    const load = (async () => {
      while (!isOver) {
        ids.push(...(await stage.route(stage.event([endpoint]), stage.event([endpoint]))));
        await sleep(2);
      }
    })();
    for (let i = 0; i < 3; i++) {
      await sleep(300);
      const next = await stage.startWorker({ maxMessagesInHand: 8 });
      await stage.stopWorker(worker);
      worker = next;
    }
    isOver = true;
    await load;
    await stage.settled(ids, 15_000);
    expect(stage.sink.to('/slow-rolling')).toHaveLength(ids.length);
    expect(stage.repeats()[0]).toBe(1);
    expect(ids.every((id) => stage.log.outcomeOf(id)!.status === 'success')).toBe(true);
  }, 40_000);
});
