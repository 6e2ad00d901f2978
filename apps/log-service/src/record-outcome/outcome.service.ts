import { Injectable } from '@nestjs/common';
import { SUBJECTS } from '@kirisan/contracts';
import { Batcher } from '@kirisan/messaging';
import { errorText, Metrics } from '@kirisan/service';
import { isBadRow } from '../storage/database-errors.js';
import { DeadLetters } from '../storage/dead-letters.client.js';
import { OutcomeError, type OutcomeRow, outcomeRow, parseOutcomes } from './outcome-row.js';
import { OutcomeRepository } from './outcome.repository.js';

/** Outcomes and bytes of one statement. */
const MAX_ROWS = 500;
const MAX_BYTES = 2 * 1024 * 1024;
const ROW_BYTES = 300;
/** Statements under way at a time. */
const CONCURRENCY = 2;
const ROW_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500];

interface Given {
  row: OutcomeRow;
  /** Set when it can not be recorded. */
  problem?: string;
}

/** Makes every outcome the final row of its delivery. Several messages under load share one statement. */
@Injectable()
export class OutcomeService {
  private readonly counted;
  private readonly batchRows;
  private readonly batcher: Batcher<Given>;

  constructor(
    private readonly repository: OutcomeRepository,
    private readonly deadLetters: DeadLetters,
    metrics: Metrics,
  ) {
    this.counted = metrics.counter('log_outcomes_total', 'Outcomes, by what became of them', ['result']);
    this.batchRows = metrics.histogram(
      'log_outcome_batch_rows',
      'Outcomes of one statement',
      [],
      ROW_BUCKETS,
    );
    this.batcher = new Batcher<Given>({
      maxItems: MAX_ROWS,
      maxWeight: MAX_BYTES,
      weigh: ({ row }) => row.bytes + ROW_BYTES,
      concurrency: CONCURRENCY,
      flush: (given) => this.flush(given),
    });
  }

  /** A message as a worker sent it. Throws `OutcomeError` when it is none, `TransientError`. */
  async take(data: Uint8Array): Promise<void> {
    await this.record(parseOutcomes(data));
  }

  /** Resolves when every outcome is committed, or set aside with its reason. Throws `TransientError`. */
  async record(outcomes: unknown[]): Promise<void> {
    await Promise.all(outcomes.map((outcome) => this.recordOne(outcome)));
  }

  private async recordOne(outcome: unknown): Promise<void> {
    let row: OutcomeRow;
    try {
      row = outcomeRow(outcome);
    } catch (error) {
      if (!(error instanceof OutcomeError)) throw error;
      return this.setAside(outcome, errorText(error));
    }
    const given: Given = { row };
    await this.batcher.add(given);
    if (given.problem) await this.setAside(outcome, given.problem);
  }

  private async flush(given: Given[]): Promise<void> {
    const first = new Map<string, Given>();
    for (const one of given) if (!first.has(one.row.id)) first.set(one.row.id, one);
    this.counted.inc({ result: 'repeated' }, given.length - first.size);
    await this.runSafely([...first.values()]);
  }

  /** A bad row must not cost its neighbours: the batch is halved until the row stands alone. */
  private async runSafely(given: Given[]): Promise<void> {
    try {
      await this.run(given);
    } catch (error) {
      if (!isBadRow(error)) throw error;
      if (given.length === 1) {
        given[0]!.problem = errorText(error);
        return;
      }
      const middle = Math.ceil(given.length / 2);
      await this.runSafely(given.slice(0, middle));
      await this.runSafely(given.slice(middle));
    }
  }

  private async run(given: Given[]): Promise<void> {
    this.batchRows.observe(given.length);
    const { final, corrected, unknown } = await this.repository.record(given.map(({ row }) => row));
    this.counted.inc({ result: 'recorded' }, final.length);
    this.counted.inc({ result: 'corrected' }, corrected.length);
    this.counted.inc({ result: 'repeated' }, given.length - final.length - corrected.length - unknown.length);
    const strangers = new Set(unknown);
    for (const one of given)
      if (strangers.has(one.row.id)) one.problem = 'no claim is known for this outcome';
  }

  private async setAside(outcome: unknown, problem: string): Promise<void> {
    this.counted.inc({ result: 'set_aside' });
    await this.deadLetters.setAside(SUBJECTS.outcome, Buffer.from(JSON.stringify([outcome])), problem);
  }
}
