import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { errorText, Metrics } from '@kirisan/service';
import { LogServiceConfig } from '../log-service.config.js';
import { InterruptedRepository } from './interrupted.repository.js';
import { OutcomeStream } from './outcome-stream.client.js';
import { WorkerSilence } from './worker-silence.js';

const ROUND_MS = 1_000;

/**
 * Closes the open rows of workers that are gone. Two conditions: the worker was silent for long enough of our own
 * healthy time; and every outcome that was in the stream at the moment of that decision has been recorded, for it may be the
 * worker's last word.
 */
@Injectable()
export class CloseInterruptedService {
  private readonly logger = new Logger('close-interrupted');
  private readonly closed;
  /** Last outcome that was in the stream when an incarnation was found silent. */
  private readonly decided = new Map<string, number>();

  constructor(
    private readonly silence: WorkerSilence,
    private readonly repository: InterruptedRepository,
    private readonly stream: OutcomeStream,
    private readonly config: LogServiceConfig,
    metrics: Metrics,
  ) {
    this.closed = metrics.counter('log_interrupted_total', 'Rows closed as interrupted');
  }

  /** Makes its rounds while this copy holds the lease. */
  async watch(held: AbortSignal): Promise<void> {
    const since = this.silence.clock.now;
    this.decided.clear();
    while (!held.aborted) {
      try {
        await this.round(since);
      } catch (error) {
        this.logger.warn({ error: errorText(error) }, 'silent workers could not be looked at, trying again');
      }
      await sleep(ROUND_MS, undefined, { signal: held }).catch(() => undefined);
    }
  }

  /** One look at every incarnation with open rows; `since` is when this copy began to look. */
  async round(since: number): Promise<void> {
    const silent = (await this.repository.incarnations()).filter((incarnation) =>
      this.isSilent(incarnation, since),
    );
    for (const incarnation of this.decided.keys())
      if (!silent.includes(incarnation)) this.decided.delete(incarnation);
    if (silent.length === 0) return;
    const { first, last } = await this.stream.sequences();
    for (const incarnation of silent) {
      const barrier = this.decided.get(incarnation);
      if (barrier === undefined) this.decided.set(incarnation, last);
      else if (first > barrier) await this.close(incarnation, since);
    }
  }

  private async close(incarnation: string, since: number): Promise<void> {
    // It may have been heard while the stream was asked.
    if (!this.isSilent(incarnation, since)) return;
    const rows = await this.repository.closeRows(incarnation);
    this.closed.inc(rows);
    this.logger.warn({ incarnation, rows }, 'rows of a silent worker closed as interrupted');
  }

  private isSilent(incarnation: string, since: number): boolean {
    return this.silence.of(incarnation, since) >= this.config.interruptAfterMs;
  }
}
