export interface BatcherOptions<T> {
  /** Does the work for a whole batch; when it throws, every item of the batch fails with that error. */
  flush: (items: T[]) => Promise<void>;
  /** Items of one batch. */
  maxItems: number;
  /** Weight of one batch, in what `weigh` counts (bytes); an item heavier than that travels alone. */
  maxWeight?: number;
  weigh?: (item: T) => number;
  /** Flushes under way at a time; items that come meanwhile make the next batch. */
  concurrency?: number;
}

interface Waiting<T> {
  item: T;
  weight: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Batches that grow with the load and cost nothing without it: an item that finds nothing under way is flushed in the
 * same turn of the event loop, what comes during a flush goes out together after it. No timer, no linger.
 */
export class Batcher<T> {
  private waiting: Waiting<T>[] = [];
  private running = 0;
  private scheduled = false;
  private idle: (() => void)[] = [];

  constructor(private readonly options: BatcherOptions<T>) {}

  /** Resolves when the batch that holds the item has been flushed; rejects with the flush's error. */
  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, weight: this.options.weigh?.(item) ?? 0, resolve, reject });
      this.schedule();
    });
  }

  /** Resolves when everything added so far is done. */
  async drained(): Promise<void> {
    if (this.waiting.length === 0 && this.running === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  /** Starting after the current turn lets all that arrived in this turn share a batch. */
  private schedule(): void {
    if (this.scheduled || this.running >= (this.options.concurrency ?? 1)) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.start();
    });
  }

  private start(): void {
    while (this.waiting.length > 0 && this.running < (this.options.concurrency ?? 1)) {
      void this.run(this.takeBatch());
    }
  }

  private takeBatch(): Waiting<T>[] {
    const { maxItems, maxWeight = Infinity } = this.options;
    let count = 0;
    let weight = 0;
    for (const next of this.waiting) {
      weight += next.weight;
      if (count === maxItems || (count > 0 && weight > maxWeight)) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async run(batch: Waiting<T>[]): Promise<void> {
    this.running++;
    try {
      await this.options.flush(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.running--;
      this.start();
      if (this.running === 0 && this.waiting.length === 0)
        for (const resolve of this.idle.splice(0)) resolve();
    }
  }
}
