import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { LIMITS, type Outcome, SUBJECTS } from '@kirisan/contracts';
import { Batcher, Messaging } from '@kirisan/messaging';
import { errorText, failpoint, Metrics } from '@kirisan/service';

const MAX_OUTCOMES = 500;
const RETRY_MS = 500;

/** Publishes outcomes in batches, and keeps them for as long as NATS does not take them. */
@Injectable()
export class OutcomePublisher {
  private readonly logger = new Logger('outcomes');
  private readonly counter;
  private readonly batcher = new Batcher<string>({
    maxItems: MAX_OUTCOMES,
    maxWeight: LIMITS.batchBytes,
    weigh: (text) => Buffer.byteLength(text),
    concurrency: 2,
    flush: (texts) => this.flush(Buffer.from(`[${texts.join(',')}]`)),
  });
  private waiting = 0;

  constructor(
    private readonly messaging: Messaging,
    metrics: Metrics,
  ) {
    this.counter = metrics.counter('worker_outcomes_total', 'Deliveries that ended', ['status', 'verdict']);
    metrics.gauge('worker_outcomes_waiting', 'Outcomes that NATS has not taken yet', () => this.waiting);
  }

  publish(outcome: Outcome): void {
    this.counter.inc({ status: outcome.status, verdict: outcome.verdict });
    this.waiting++;
    void this.batcher.add(JSON.stringify(outcome)).then(() => this.waiting--);
  }

  /** Resolves when NATS has taken all that was published so far. */
  drained(): Promise<void> {
    return this.batcher.drained();
  }

  private async flush(batch: Buffer): Promise<void> {
    for (;;) {
      try {
        await this.messaging.publish(SUBJECTS.outcome, batch);
        return failpoint('worker.recorded');
      } catch (error) {
        this.logger.warn({ error: errorText(error) }, 'outcomes wait for NATS', '');
        await sleep(RETRY_MS);
      }
    }
  }
}
