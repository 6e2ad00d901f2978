import { describe, expect, it } from '@jest/globals';
import { Batcher } from './batcher.js';

/** A batcher whose flushes are ended by hand. */
function handBatcher(options: { maxItems?: number; maxWeight?: number; concurrency?: number } = {}) {
  const flushed: number[][] = [];
  const endings: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const batcher = new Batcher<number>({
    maxItems: 3,
    weigh: (item) => item,
    ...options,
    flush: (items) => {
      flushed.push(items);
      return new Promise<void>((resolve, reject) => endings.push({ resolve, reject }));
    },
  });
  return { batcher, flushed, endings };
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('Batcher', () => {
  it('flushes a lone item at once, and what comes meanwhile together', async () => {
    const { batcher, flushed, endings } = handBatcher();
    void batcher.add(1);
    await turn();
    void batcher.add(2);
    void batcher.add(3);
    await turn();
    expect(flushed).toEqual([[1]]);
    endings[0]!.resolve();
    await turn();
    expect(flushed).toEqual([[1], [2, 3]]);
  });

  it('keeps batches within items and weight, an overweight item alone', async () => {
    const { batcher, flushed } = handBatcher({ maxItems: 2, maxWeight: 10, concurrency: 9 });
    for (const item of [1, 2, 3, 8, 50, 1]) void batcher.add(item);
    await turn();
    expect(flushed).toEqual([[1, 2], [3], [8], [50], [1]]);
  });

  it('rejects all of a failed batch and goes on with the next', async () => {
    const { batcher, flushed, endings } = handBatcher();
    const first = batcher.add(1);
    await turn();
    const second = batcher.add(2);
    endings[0]!.reject(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await turn();
    endings[1]!.resolve();
    await expect(second).resolves.toBeUndefined();
    expect(flushed).toEqual([[1], [2]]);
  });

  it('is drained only when nothing waits or runs', async () => {
    const { batcher, endings } = handBatcher();
    void batcher.add(1);
    let drained = false;
    const waiting = batcher.drained().then(() => (drained = true));
    await turn();
    expect(drained).toBe(false);
    endings[0]!.resolve();
    await waiting;
    expect(drained).toBe(true);
  });
});
