import { describe, expect, it } from '@jest/globals';
import { FrameError } from '@kirisan/contracts';
import { PermanentError, TransientError } from '@kirisan/service';
import { covers } from './nats.server.js';
import { MAX_TRIES, settlement } from './settle.js';

describe('settlement', () => {
  it('asks again for as long as something is away, with growing delay', () => {
    const delays = [1, 2, 3, 1_000].map((tries) => settlement(new TransientError('away'), tries));
    expect(delays.map((settled) => settled.kind)).toEqual(['retry', 'retry', 'retry', 'retry']);
    expect(delays).toMatchObject([
      { delayMs: 250 },
      { delayMs: 500 },
      { delayMs: 1_000 },
      { delayMs: 15_000 },
    ]);
  });

  it('sets a wrong message aside at once', () => {
    expect(settlement(new PermanentError('no such field'), 1)).toEqual({
      kind: 'dead',
      reason: 'no such field',
    });
    expect(settlement(new FrameError('cut off'), 1).kind).toBe('dead');
  });

  it('gives a bug a stated number of chances', () => {
    expect(settlement(new TypeError('x'), MAX_TRIES - 1).kind).toBe('retry');
    expect(settlement(new TypeError('x'), MAX_TRIES)).toEqual({
      kind: 'dead',
      reason: `failed ${MAX_TRIES} times: x`,
    });
  });
});

describe('covers', () => {
  it.each([
    ['events.>', 'events.waba', true],
    ['events.>', 'events', false],
    ['parked.*', 'parked.a', true],
    ['parked.*', 'parked.a.b', false],
    ['a.b', 'a.b', true],
    ['a.b', 'a.b.c', false],
  ])('%s, %s: %s', (pattern, subject, expected) => {
    expect(covers(pattern, subject)).toBe(expected);
  });
});
