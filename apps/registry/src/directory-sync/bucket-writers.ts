import { Injectable } from '@nestjs/common';
import { BUCKETS } from '@kirisan/contracts';
import { BucketWriter } from '@kirisan/directory';
import { Messaging } from '@kirisan/messaging';

/** The buckets that the registry writes. */
@Injectable()
export class BucketWriters {
  private readonly byName: Map<string, BucketWriter>;

  constructor(messaging: Messaging) {
    const specs = [BUCKETS.directory, BUCKETS.credentials, BUCKETS.deviceHealth];
    this.byName = new Map(specs.map((spec) => [spec.name, new BucketWriter(messaging, spec)]));
  }

  /** Throws for a bucket that the registry does not write. */
  of(bucket: string): BucketWriter {
    const writer = this.byName.get(bucket);
    if (!writer) throw new Error(`the registry does not write the bucket "${bucket}"`);
    return writer;
  }
}
