import { describe, expect, it } from '@jest/globals';
import { HealthyClock } from './healthy-clock.js';

describe('HealthyClock', () => {
  it('goes while everything answers', () => {
    const clock = new HealthyClock();
    for (const at of [1_000, 1_500, 2_000, 2_500]) clock.look(at, true);
    expect(clock.now).toBe(1_500);
  });

  it('stands still from the last healthy look until the next two', () => {
    const clock = new HealthyClock();
    clock.look(0, true);
    clock.look(500, true);
    clock.look(1_000, false);
    clock.look(60_000, false);
    clock.look(60_500, true);
    expect(clock.now).toBe(500);
    clock.look(61_000, true);
    expect(clock.now).toBe(1_000);
  });

  it('counts a freeze of the process as one step', () => {
    const clock = new HealthyClock();
    clock.look(0, true);
    clock.look(120_000, true);
    expect(clock.now).toBe(1_000);
  });
});
