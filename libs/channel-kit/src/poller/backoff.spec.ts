import { describe, expect, it } from '@jest/globals';
import { Backoff } from './backoff.js';

const backoff = (random: number) => new Backoff({ initialMs: 100, maxMs: 1_000, random: () => random });

describe('pauses after failures', () => {
  it('double up to their limit', () => {
    const longest = backoff(1);
    expect(Array.from({ length: 6 }, () => longest.next())).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('are scattered down to a half', () => {
    const shortest = backoff(0);
    expect(Array.from({ length: 6 }, () => shortest.next())).toEqual([50, 100, 200, 400, 500, 500]);
  });

  it('are never shorter than the provider asks for, within reason', () => {
    expect(backoff(1).next(7_000)).toBe(7_000);
    expect(backoff(1).next(10)).toBe(100);
    expect(backoff(1).next(1e12)).toBe(3_600_000);
  });

  it('begin anew after a success, and stay finite after any number of failures', () => {
    const long = backoff(1);
    for (let i = 0; i < 5_000; i++) long.next();
    expect(long.next()).toBe(1_000);
    long.reset();
    expect(long.next()).toBe(100);
  });
});
