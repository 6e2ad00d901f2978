import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TransientError } from '@kirisan/service';
import { Logger } from '@nestjs/common';
import { ConnectorError } from './connector.js';
import { DeviceLoop, type Turn } from './device-loop.js';

const always: Turn = { hold: (task, stop) => task(stop) };
const device = { id: 'd1', token: 't', name: 'n', credentials: {} };
const loops: DeviceLoop[] = [];

beforeAll(() => Logger.overrideLogger(false));
afterEach(async () => void (await Promise.all(loops.splice(0).map((loop) => loop.stop()))));

function start(
  round: (call: number, signal: AbortSignal) => Promise<number>,
  options: { turn?: Turn; after?: Promise<void> } = {},
) {
  const health: string[] = [];
  let calls = 0;
  const loop = new DeviceLoop({
    device,
    turn: options.turn ?? always,
    after: options.after,
    open: () => ({ round: (signal) => round(++calls, signal) }),
    health: { seen: () => void health.push('ok'), failed: (_, reason) => void health.push(reason) },
    backoff: { initialMs: 10, maxMs: 40 },
  });
  loops.push(loop);
  return { loop, health, calls: () => calls };
}

describe('the loop of a device', () => {
  it('goes on after every kind of failure, and shows only what was made to be shown', async () => {
    const errors = [
      new ConnectorError('Telegram is away'),
      new TransientError('nats://user:pass@host'),
      new Error('token 1:abc'),
    ];
    const { health, calls } = start(async (call) => {
      if (call <= errors.length) throw errors[call - 1];
      return 5;
    });
    await until(() => calls() > errors.length + 1);
    expect(health.slice(0, 4)).toEqual([
      'Telegram is away',
      'events can not be stored at the moment',
      'an unexpected error, see the log of the service',
      'ok',
    ]);
  });

  it('tells whether it fails, for as long as it is its turn', async () => {
    const { loop, calls } = start(async (call) => {
      if (call < 3) throw new ConnectorError('away');
      if (call === 3) return 30;
      throw new ConnectorError('away again', 60_000);
    });
    await until(() => calls() === 2);
    expect(loop.isFailing).toBe(true);
    await until(() => calls() === 3);
    expect(loop.isFailing).toBe(false);
    await until(() => calls() === 4 && loop.isFailing);
    await loop.stop();
    expect(loop.isFailing).toBe(false);
  });

  it('waits at least as long as the provider asks', async () => {
    const times: number[] = [];
    const { calls } = start(async (call) => {
      times.push(performance.now());
      if (call === 1) throw new ConnectorError('slow down', 150);
      return 5;
    });
    await until(() => calls() > 1);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(145);
  });

  it('leaves the process room although its rounds end at once', async () => {
    start(async () => 0);
    const started = performance.now();
    await sleep(20);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('is stopped in the middle of a round and of a pause, and says nothing more then', async () => {
    const stuck = start(
      (_, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
    );
    const resting = start(async () => 60_000);
    await until(() => stuck.calls() === 1 && resting.health.length === 1);
    await Promise.all([stuck.loop.stop(), resting.loop.stop()]);
    expect(stuck.health).toEqual([]);
    expect(resting.calls()).toBe(1);
  });

  it('begins when the one before it is gone', async () => {
    let gone!: () => void;
    const { calls } = start(async () => 5, { after: new Promise((resolve) => (gone = resolve)) });
    await sleep(30);
    expect(calls()).toBe(0);
    gone();
    await until(() => calls() > 0);
  });

  it('opens a new session whenever it gets its turn again', async () => {
    let opened = 0;
    const twice: Turn = {
      hold: async (task) => {
        for (let i = 0; i < 2; i++) {
          const held = new AbortController();
          const done = task(held.signal);
          await sleep(20);
          held.abort();
          await done;
        }
      },
    };
    const loop = new DeviceLoop({
      device,
      turn: twice,
      open: () => ({ round: async () => (opened++, 60_000) }),
      health: { seen: () => undefined, failed: () => undefined },
      backoff: { initialMs: 10, maxMs: 40 },
    });
    loops.push(loop);
    await until(() => opened === 2);
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i++) await sleep(5);
  expect(condition()).toBe(true);
}
