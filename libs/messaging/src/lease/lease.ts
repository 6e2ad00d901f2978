import { setTimeout as sleep } from 'node:timers/promises';
import { BUCKETS } from '@kirisan/contracts';
import { errorText } from '@kirisan/service';
import type { KV } from '@nats-io/kv';
import { Logger } from '@nestjs/common';
import type { Messaging } from '../connection/messaging.js';

const RENEW_MS = 4_000;
const RETRY_MS = 2_000;

/**
 * One copy at a time, for order and economy; safety must never rest on it (a frozen holder may still think it holds).
 * `key` is `<service or channel>.<what>`; a holder that dies is followed within the bucket's lifetime of keys.
 */
export class Lease {
  private readonly logger = new Logger('lease');

  constructor(
    private readonly messaging: Messaging,
    private readonly key: string,
    private readonly owner: string,
  ) {}

  /**
   * Runs `task` whenever this copy holds the lease, until `stop` is aborted; resolves then. The task's signal is aborted
   * when the lease is lost; a task that ends or throws gives the lease back and is started anew later.
   */
  async hold(task: (held: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        const bucket = await this.messaging.bucket(BUCKETS.leases);
        const revision = await this.acquire(bucket);
        if (revision !== undefined) await this.runHeld(bucket, revision, task, stop);
      } catch (error) {
        this.logger.debug({ key: this.key, error: errorText(error) }, 'lease');
      }
      await sleep(RETRY_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  /** The revision when it is ours now, undefined while another copy holds it. */
  private async acquire(bucket: KV): Promise<number | undefined> {
    try {
      return await bucket.create(this.key, this.owner);
    } catch (error) {
      if (/wrong last sequence/i.test(errorText(error))) return undefined;
      throw error;
    }
  }

  private async runHeld(
    bucket: KV,
    revision: number,
    task: (held: AbortSignal) => Promise<void>,
    stop: AbortSignal,
  ): Promise<void> {
    const lost = new AbortController();
    const held = AbortSignal.any([lost.signal, stop]);
    let current = revision;
    const renewal = setInterval(() => {
      bucket.update(this.key, this.owner, current).then(
        (next) => (current = next),
        () => lost.abort(),
      );
    }, RENEW_MS);
    try {
      await task(held);
    } finally {
      clearInterval(renewal);
      if (!lost.signal.aborted)
        await bucket.delete(this.key, { previousSeq: current }).catch(() => undefined);
    }
  }
}
