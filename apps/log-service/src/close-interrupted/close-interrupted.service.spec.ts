import { beforeEach, describe, expect, it } from '@jest/globals';
import { Metrics } from '@kirisan/service';
import { LogServiceConfig } from '../log-service.config.js';
import { CloseInterruptedService } from './close-interrupted.service.js';
import type { InterruptedRepository } from './interrupted.repository.js';
import type { OutcomeStream } from './outcome-stream.client.js';
import { WorkerSilence } from './worker-silence.js';

let silence: WorkerSilence;
let service: CloseInterruptedService;
let open: string[];
let closed: string[];
let stream: { first: number; last: number };
let time: number;

beforeEach(() => {
  silence = new WorkerSilence();
  [open, closed, time] = [['w1', 'w2'], [], 0];
  stream = { first: 1, last: 0 };
  const repository = {
    incarnations: async () => open,
    closeRows: async (incarnation: string) => {
      closed.push(incarnation);
      return 1;
    },
  };
  service = new CloseInterruptedService(
    silence,
    repository as unknown as InterruptedRepository,
    { sequences: async () => stream } as OutcomeStream,
    Object.assign(new LogServiceConfig(), { interruptAfterMs: 20_000 }),
    new Metrics(),
  );
  pass(0);
});

/** Healthy milliseconds go by. */
function pass(ms: number): void {
  for (let left = ms; left > 0; left -= 500) silence.clock.look((time += 500), true);
  silence.clock.look(time, true);
}

describe('closing', () => {
  it('waits for the whole silence, and for a second look', async () => {
    silence.heard('w1');
    silence.heard('w2');
    pass(19_000);
    await service.round(0);
    await service.round(0);
    expect(closed).toEqual([]);
    pass(1_000);
    silence.heard('w2');
    await service.round(0);
    expect(closed).toEqual([]);
    await service.round(0);
    expect(closed).toEqual(['w1']);
  });

  it('counts a worker that was never heard from when this copy began to look', async () => {
    pass(30_000);
    const since = silence.clock.now;
    pass(19_500);
    await service.round(since);
    await service.round(since);
    expect(closed).toEqual([]);
    pass(500);
    await service.round(since);
    await service.round(since);
    expect(closed).toEqual(['w1', 'w2']);
  });

  it('waits until the outcomes that were in the stream have been recorded', async () => {
    pass(20_000);
    stream = { first: 5, last: 9 };
    await service.round(0);
    stream = { first: 9, last: 12 };
    await service.round(0);
    expect(closed).toEqual([]);
    stream = { first: 10, last: 14 };
    await service.round(0);
    expect(closed).toEqual(['w1', 'w2']);
  });

  it('begins anew when the worker is heard in between', async () => {
    pass(20_000);
    stream = { first: 5, last: 9 };
    await service.round(0);
    silence.heard('w1');
    stream = { first: 10, last: 14 };
    await service.round(0);
    expect(closed).toEqual(['w2']);
    pass(20_000);
    await service.round(0);
    expect(closed).toEqual(['w2', 'w2']);
    stream = { first: 15, last: 14 };
    await service.round(0);
    expect(closed).toContain('w1');
  });

  it('does not count time in which nobody could have been heard', async () => {
    silence.heard('w1');
    silence.heard('w2');
    time += 60_000;
    silence.clock.look(time, false);
    time += 60_000;
    silence.clock.look(time, true);
    await service.round(0);
    await service.round(0);
    expect(closed).toEqual([]);
  });
});

describe('WorkerSilence', () => {
  it('remembers a bounded number of incarnations', () => {
    silence.heard('first');
    pass(1_000);
    for (let i = 0; i < 10_000; i++) silence.heard(`other-${i}`);
    expect(silence.of('other-9999', -1)).toBe(0);
    expect(silence.of('first', -500)).toBe(1_500);
  });
});
