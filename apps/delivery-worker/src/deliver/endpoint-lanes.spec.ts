import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DeliveryWorkerConfig } from '../delivery-worker.config.js';
import type { EndpointLane } from './endpoint-lane.js';
import { EndpointLanes, type PostInLane } from './endpoint-lanes.js';

let lanes: EndpointLanes;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  lanes.onModuleDestroy();
  jest.useRealTimers();
});

function make(settings: Partial<DeliveryWorkerConfig> = {}): EndpointLanes {
  lanes = new EndpointLanes(
    Object.assign(
      new DeliveryWorkerConfig(),
      {
        maxInFlight: 100,
        maxInFlightPerEndpoint: 10,
        slowEndpointInFlight: 2,
        slowAfterTimeouts: 3,
        slotWaitMs: 250,
      },
      settings,
    ),
  );
  return lanes;
}

/** Takes slots and begins POSTs until the lane says something else than `go`. */
function fill(lane: EndpointLane, count: number): PostInLane[] {
  const posts: PostInLane[] = [];
  while (posts.length < count && lanes.admit(lane) === 'go') posts.push(lanes.beginPost(lane));
  return posts;
}

const passed = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('a lane', () => {
  it('lets a match wait for a slot while the endpoint answers, and gives it the first that is free', async () => {
    const lane = make().of('a');
    const [first] = fill(lane, 10);
    expect(lanes.admit(lane)).toBe('wait');
    const waiting = lanes.wait(lane);
    lanes.endPost(first!, false);
    await expect(waiting).resolves.toBe(true);
    expect(lane.inFlight).toBe(10);
  });

  it('parks what has waited for long enough, and all that comes after it', async () => {
    const lane = make().of('a');
    fill(lane, 10);
    const waiting = [lanes.wait(lane), lanes.wait(lane)];
    await passed(400);
    await expect(Promise.all(waiting)).resolves.toEqual([false, false]);
    expect(lanes.admit(lane)).toBe('park');
  });

  it('has new matches beside the backlog of a burst, up to half of its slots', async () => {
    const lane = make().of('a');
    const posts = fill(lane, 10);
    const waiting = lanes.wait(lane);
    await passed(350);
    await expect(waiting).resolves.toBe(false);
    for (const post of posts.splice(0, 6)) lanes.endPost(post, false);
    expect(lanes.admit(lane)).toBe('go');
    expect(lanes.admit(lane)).toBe('park');
  });

  it('parks at once when its requests stay unanswered', async () => {
    const lane = make().of('a');
    fill(lane, 10);
    await passed(1_100);
    expect(lanes.admit(lane)).toBe('park');
  });

  it('does not park what waits for claims', async () => {
    const lane = make().of('a');
    for (let i = 0; i < 10; i++) lanes.admit(lane);
    const waiting = lanes.wait(lane);
    await passed(2_000);
    lanes.release(lane);
    await expect(waiting).resolves.toBe(true);
  });

  it('has few slots after timeouts in a row, and more again with every answer', () => {
    const lane = make().of('a');
    const posts = fill(lane, 10);
    for (const post of posts.splice(0, 3)) lanes.endPost(post, true);
    expect(lane.cap).toBe(2);
    expect(lanes.admit(lane)).toBe('park');
    for (const post of posts.splice(0, 7)) lanes.endPost(post, false);
    expect(lane.cap).toBe(9);
  });

  it('keeps its slots when timeouts are few among answers', () => {
    const lane = make().of('a');
    const posts = fill(lane, 10);
    for (const [i, post] of posts.entries()) lanes.endPost(post, i % 3 !== 0);
    expect(lane.cap).toBe(10);
  });

  it('is forgotten when there is nothing to remember of it', async () => {
    const lane = make().of('a');
    for (const post of fill(lane, 1)) lanes.endPost(post, false);
    await passed(5_000);
    expect(lanes.of('a')).toBe(lane);
    await passed(6_000);
    expect(lanes.of('a')).not.toBe(lane);
  });

  it('is remembered while it is slow', async () => {
    const lane = make({ slowAfterTimeouts: 1 }).of('a');
    for (const post of fill(lane, 1)) lanes.endPost(post, true);
    await passed(60_000);
    expect(lanes.of('a')).toBe(lane);
    expect(lanes.facts()).toEqual([{ endpointId: 'a', inFlight: 0, cap: 2 }]);
  });
});

describe('the room of the worker', () => {
  it('keeps a share for endpoints that answer, however many do not', async () => {
    make({ saturatedShare: 0.5 });
    lanes.endPost(fill(lanes.of('good'), 1)[0]!, false);
    for (let i = 0; i < 50; i++) fill(lanes.of(`slow-${i}`), 1);
    await passed(1_100);
    expect(lanes.admit(lanes.of('slow-1'))).toBe('park');
    expect(fill(lanes.of('good'), 10)).toHaveLength(10);
  });

  it('keeps that share from a burst too, as soon as it comes, and a few slots for each that is new', () => {
    make({ saturatedShare: 0.5 });
    for (let i = 0; i < 20; i++) fill(lanes.of(`new-${i}`), 10);
    expect(lanes.taken).toBe(50 + 15 * 2);
    expect(lanes.admit(lanes.of('new-1'))).toBe('wait');
    expect(fill(lanes.of('another'), 10)).toHaveLength(2);
  });

  it('is given to slow endpoints again when the share has room', async () => {
    make({ saturatedShare: 0.1 });
    const posts = [...fill(lanes.of('slow-1'), 5), ...fill(lanes.of('slow-2'), 5)];
    await passed(1_100);
    const lane = lanes.of('slow-1');
    expect(lanes.takeUpTo(lane, 5)).toBe(0);
    for (const post of posts.splice(5, 3)) lanes.endPost(post, false);
    await passed(100);
    expect(lanes.takeUpTo(lane, 5)).toBe(3);
  });

  it('lets everything wait when it is full, and parks nothing for that', async () => {
    make({ maxInFlight: 20, saturatedShare: 1 });
    const posts = [...fill(lanes.of('a'), 10), ...fill(lanes.of('b'), 10)];
    expect(lanes.admit(lanes.of('c'))).toBe('wait');
    const waiting = lanes.wait(lanes.of('c'));
    await passed(400);
    lanes.endPost(posts[0]!, false);
    await expect(waiting).resolves.toBe(true);
    expect(lanes.taken).toBe(20);
  });

  it('is never exceeded by what drains', () => {
    make({ maxInFlight: 20, saturatedShare: 1 });
    fill(lanes.of('a'), 10);
    expect(lanes.takeUpTo(lanes.of('b'), 50)).toBe(10);
    expect(lanes.takeUpTo(lanes.of('c'), 50)).toBe(0);
  });

  it('gives up what waits when the worker stops', async () => {
    make();
    fill(lanes.of('a'), 10);
    const waiting = expect(lanes.wait(lanes.of('a'))).rejects.toThrow('stopping');
    lanes.close();
    await waiting;
    await expect(lanes.wait(lanes.of('a'))).rejects.toThrow('stopping');
  });
});
