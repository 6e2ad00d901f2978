import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { TransientError } from '@kirisan/service';
import type pg from 'pg';
import { LogServiceConfig } from '../log-service.config.js';
import { openSessionPool } from './session-pool.js';

/**
 * Searches read the heads of ordered index scans. The planner underestimates the rows of a busy device and would read
 * and sort a whole day of them (measured: 40 ms instead of 2); on these connections it does not sort what an index orders.
 */
const SESSION = 'SET enable_sort = off; SET enable_seqscan = off; SET enable_bitmapscan = off';

/** The connections that lists are searched through. */
@Injectable()
export class SearchPath implements OnApplicationShutdown {
  private readonly pool: pg.Pool;

  constructor(config: LogServiceConfig) {
    this.pool = openSessionPool({
      url: config.databaseUrl,
      size: config.queryConnections,
      statementTimeoutMs: config.queryTimeoutMs,
      session: SESSION,
      name: 'log-service-search',
    });
  }

  /** Throws `TransientError`: a search is wrong by nobody's values. */
  async query<R extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<R[]> {
    try {
      return (await this.pool.query<R>(sql, values)).rows;
    } catch (error) {
      throw new TransientError(`search: ${(error as Error).message}`, { cause: error });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
