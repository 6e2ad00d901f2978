import { Injectable } from '@nestjs/common';
import { encodeRecords, SUBJECTS } from '@kirisan/contracts';
import { Batcher, Messaging } from '@kirisan/messaging';
import { Metrics } from '@kirisan/service';
import type { RoutedEvent } from '../deliver/match.js';

interface Parked {
  endpointId: string;
  bytes: Uint8Array;
}

const UNDER_WAY = 64;
const UNDER_WAY_BYTES = 4 * 1024 * 1024;

/** Stores matches that have to wait, each on its endpoint's subject with all facts of its event. */
@Injectable()
export class ParkingClient {
  private readonly counter;
  private readonly batcher = new Batcher<Parked>({
    maxItems: UNDER_WAY,
    maxWeight: UNDER_WAY_BYTES,
    weigh: ({ bytes }) => bytes.byteLength,
    concurrency: 2,
    flush: (batch) => this.publish(batch),
  });
  private listener: (endpointId: string) => void = () => undefined;

  constructor(
    private readonly messaging: Messaging,
    metrics: Metrics,
  ) {
    this.counter = metrics.counter('worker_parked_total', 'Matches that were parked');
  }

  /** Called with the endpoint after something of it was parked, or may have been. */
  onParked(listener: (endpointId: string) => void): void {
    this.listener = listener;
  }

  /** Resolves when the match is stored. Throws `TransientError`. */
  async park(event: RoutedEvent, endpointId: string): Promise<void> {
    event.parkedBytes ??= encodeRecords([event]);
    try {
      await this.batcher.add({ endpointId, bytes: event.parkedBytes });
      this.counter.inc();
    } finally {
      this.listener(endpointId);
    }
  }

  private async publish(batch: Parked[]): Promise<void> {
    await Promise.all(
      batch.map(({ endpointId, bytes }) => this.messaging.publish(SUBJECTS.parked(endpointId), bytes)),
    );
  }
}
