import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Metrics, TransientError } from '@kirisan/service';
import type pg from 'pg';
import { isBadRow, isContention, isMissingPartition } from './database-errors.js';
import { PartitionRepository } from './partition.repository.js';
import { openSessionPool } from './session-pool.js';
import { LogServiceConfig } from '../log-service.config.js';

const TRIES = 5;

/**
 * Every statement here joins arrays of parameters, whose sizes a prepared plan can not know: with nested loops a
 * thousand matches would cost a million comparisons. Its tables are reached by primary key alone.
 */
const SESSION =
  'SET enable_nestloop = off; SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan';

export interface Statement {
  /** Prepared under this name. */
  name: string;
  text: string;
}

/** The connections that claims and outcomes go through: prepared statements, retried where that is safe. */
@Injectable()
export class HotPath implements OnApplicationShutdown {
  private readonly pool: pg.Pool;
  private readonly duration;

  constructor(
    config: LogServiceConfig,
    private readonly partitions: PartitionRepository,
    metrics: Metrics,
  ) {
    this.pool = openSessionPool({
      url: config.databaseUrl,
      size: config.hotPathConnections,
      statementTimeoutMs: config.hotPathTimeoutMs,
      session: SESSION,
      name: 'log-service-hot-path',
    });
    this.duration = metrics.histogram('log_statement_ms', 'Milliseconds of a statement on the hot path', [
      'statement',
    ]);
  }

  /**
   * Runs a prepared statement. Contention is retried; a missing partition is made. Throws the database's own error when
   * the rows are at fault (`isBadRow`), and `TransientError` for everything else.
   */
  async run<R extends pg.QueryResultRow>(statement: Statement, values: unknown[]): Promise<R[]> {
    const stop = this.duration.startTimer({ statement: statement.name });
    try {
      return await this.attempt<R>(statement, values, TRIES);
    } catch (error) {
      if (isBadRow(error)) throw error;
      throw new TransientError(`${statement.name}: ${(error as Error).message}`, { cause: error });
    } finally {
      stop();
    }
  }

  private async attempt<R extends pg.QueryResultRow>(
    s: Statement,
    values: unknown[],
    left: number,
  ): Promise<R[]> {
    try {
      const result = await this.pool.query<R>({ name: s.name, text: s.text, values });
      return result.rows;
    } catch (error) {
      if (left <= 1 || !(await this.canRetry(error))) throw error;
      return this.attempt(s, values, left - 1);
    }
  }

  private async canRetry(error: unknown): Promise<boolean> {
    if (isMissingPartition(error)) await this.partitions.ensureAhead(1);
    return isMissingPartition(error) || isContention(error);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
