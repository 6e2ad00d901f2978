import type { BucketSpec } from '@kirisan/contracts';
import type { Messaging } from '@kirisan/messaging';
import { errorText, TransientError } from '@kirisan/service';
import type { KV } from '@nats-io/kv';

/** Somebody else wrote the key since it was read. */
export class RevisionConflictError extends Error {
  override name = 'RevisionConflictError';
}

/** A key as it stands in the bucket. */
export interface StoredKey {
  /** To compare and set with; 0 if the key was never written. */
  revision: number;
  /** Undefined when the key is absent or deleted. */
  text?: string;
}

/** Writes keys with compare-and-set. Throws `TransientError` while NATS or the bucket is away. */
export class BucketWriter {
  constructor(
    private readonly messaging: Messaging,
    private readonly spec: BucketSpec,
  ) {}

  async read(key: string): Promise<StoredKey> {
    const entry = await this.attempt((bucket) => bucket.get(key));
    if (!entry) return { revision: 0 };
    return entry.operation === 'PUT'
      ? { revision: entry.revision, text: entry.string() }
      : { revision: entry.revision };
  }

  /** Answers the new revision. Throws {@link RevisionConflictError} unless `revision` is still the newest. */
  put(key: string, value: object, revision: number): Promise<number> {
    return this.attempt((bucket) => bucket.put(key, JSON.stringify(value), { previousSeq: revision }));
  }

  /** Throws {@link RevisionConflictError} unless `revision` is still the newest. */
  async remove(key: string, revision: number): Promise<void> {
    await this.attempt((bucket) => bucket.delete(key, { previousSeq: revision }));
  }

  private async attempt<R>(work: (bucket: KV) => Promise<R>): Promise<R> {
    if (!this.messaging.connected)
      throw new TransientError(`NATS is away, bucket ${this.spec.name} is out of reach`);
    try {
      return await work(await this.messaging.bucket(this.spec));
    } catch (error) {
      if (/wrong last sequence/i.test(errorText(error))) throw new RevisionConflictError(errorText(error));
      throw new TransientError(`bucket ${this.spec.name}: ${errorText(error)}`);
    }
  }
}
