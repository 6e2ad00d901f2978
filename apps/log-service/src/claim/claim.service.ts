import { Injectable, Logger } from '@nestjs/common';
import type { ClaimReply, ClaimRequest } from '@kirisan/contracts';
import { Batcher } from '@kirisan/messaging';
import { errorText, failpoint, Metrics } from '@kirisan/service';
import { isBadRow } from '../storage/database-errors.js';
import { claimBatch, type EventRow } from './claim-batch.js';
import { ask, type AskedBatch, splitBatch, splitWave, weightOf } from './asked-batch.js';
import { ClaimRepository } from './claim.repository.js';

/** Requests and bytes of one statement. */
const MAX_REQUESTS = 64;
const MAX_BYTES = 2 * 1024 * 1024;
/** Statements under way at a time. */
const CONCURRENCY = 2;
const ROW_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000];

/** A row that PostgreSQL does not take: nobody may POST it, and somebody has to look at it. */
export type Refused = NonNullable<ClaimReply['refused']>[number];

/** Decides who may POST. Several requests under load share one statement. */
@Injectable()
export class ClaimService {
  private readonly logger = new Logger('claim');
  private readonly counted;
  private readonly batchRows;
  private readonly batcher: Batcher<AskedBatch>;

  constructor(
    private readonly repository: ClaimRepository,
    metrics: Metrics,
  ) {
    this.counted = metrics.counter('log_claims_total', 'Claims asked for, by what became of them', [
      'result',
    ]);
    this.batchRows = metrics.histogram(
      'log_claim_batch_rows',
      'Events and claims of one statement',
      [],
      ROW_BUCKETS,
    );
    this.batcher = new Batcher<AskedBatch>({
      maxItems: MAX_REQUESTS,
      maxWeight: MAX_BYTES,
      weigh: weightOf,
      concurrency: CONCURRENCY,
      flush: (asked) => this.flush(asked),
    });
  }

  /** Throws `TransientError` while PostgreSQL is away (whoever asked asks again), `ClaimRequestError` for a wrong request. */
  async claim(request: ClaimRequest): Promise<ClaimReply> {
    const asked = ask(claimBatch(request));
    if (asked.events.length > 0) await this.batcher.add(asked);
    this.counted.inc({ result: 'granted' }, asked.won.size);
    this.counted.inc({ result: 'lost' }, asked.claims.length - asked.won.size - asked.refused.length);
    this.counted.inc({ result: 'refused' }, asked.refused.length);
    return {
      won: [...asked.won],
      ...(asked.closed.size > 0 && { closed: [...asked.closed] }),
      ...(asked.refused.length > 0 && { refused: asked.refused }),
    };
  }

  /** Records events without any claim; returns those that can not be recorded. Throws `TransientError`. */
  async register(events: EventRow[]): Promise<Refused[]> {
    const unique = new Map<string, EventRow>();
    for (const event of events) if (!unique.has(event.id)) unique.set(event.id, event);
    const asked = ask({ events: [...unique.values()], claims: [] });
    await this.batcher.add(asked);
    return asked.refused;
  }

  private async flush(asked: AskedBatch[]): Promise<void> {
    let wave = asked;
    while (wave.length > 0) {
      const { now, later } = splitWave(wave);
      await this.runSafely(now);
      wave = later;
    }
  }

  /** A bad row must not cost its neighbours: the batch is taken apart until the row stands alone. */
  private async runSafely(asked: AskedBatch[]): Promise<void> {
    try {
      await this.run(asked);
    } catch (error) {
      if (!isBadRow(error)) throw error;
      const parts = asked.length > 1 ? asked : splitBatch(asked[0]!);
      if (parts.length === 0) await this.refuse(asked[0]!, error);
      for (const part of parts) await this.runSafely([part]);
    }
  }

  private async run(asked: AskedBatch[]): Promise<void> {
    const events = asked.flatMap((one) => one.events);
    const claims = asked.flatMap((one) => one.claims);
    this.batchRows.observe(events.length + claims.length);
    const { won, closed } = await this.repository.claim({ events, claims });
    if (won.size > 0) failpoint('log.claim-committed');
    for (const one of asked) {
      for (const { id } of one.claims) {
        if (won.has(id)) one.won.add(id);
        else if (closed.has(id)) one.closed.add(id);
      }
    }
  }

  /** The event of a refused claim is recorded all the same. */
  private async refuse(asked: AskedBatch, error: unknown): Promise<void> {
    const { events, claims, refused } = asked;
    const reason = errorText(error);
    const ids = (claims.length > 0 ? claims : events).map(({ id }) => id);
    this.logger.error({ ids: ids.join(','), reason }, 'a row is refused by PostgreSQL');
    refused.push(...ids.map((id) => ({ id, reason })));
    if (claims.length > 0) await this.runSafely([{ ...asked, claims: [] }]);
  }
}
