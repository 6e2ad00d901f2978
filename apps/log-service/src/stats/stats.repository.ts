import { Injectable } from '@nestjs/common';
import type { StatsRow } from '@kirisan/log-client';
import { TransientError } from '@kirisan/service';
import { DataSource } from 'typeorm';
import { isTimeout } from '../storage/database-errors.js';
import type { StatsDto } from './stats.dto.js';

/** Rows of one answer; one more is read to notice that there are more. */
export const MAX_ROWS = 20_000;

const GROUPS = { endpoint: 'endpoint_id', event: 'event', status: 'status', none: 'NULL' };

interface Row extends Omit<StatsRow, 'bucket'> {
  bucket: Date;
}

/** Aggregates final rows. */
@Injectable()
export class StatsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Buckets in order of time; empty ones are left out. Throws `TransientError` when it takes too long. */
  async read(
    bucket: StatsDto['bucket'],
    groupBy: StatsDto['groupBy'],
    from: Date,
    to: Date,
  ): Promise<StatsRow[]> {
    const sql = `
      SELECT date_trunc($1, claimed_at, 'UTC') AS bucket, ${GROUPS[groupBy ?? 'none']}::text AS "group",
        count(*)::int AS count,
        (count(*) FILTER (WHERE status = 'success'))::int AS success,
        (count(*) FILTER (WHERE status = 'failed'))::int AS failed,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms) AS p50,
        percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95,
        percentile_disc(0.99) WITHIN GROUP (ORDER BY duration_ms) AS p99
      FROM log.deliveries
      WHERE claimed_at >= $2 AND claimed_at < $3 AND production
      GROUP BY 1, 2 ORDER BY 1, 2 LIMIT ${MAX_ROWS + 1}`;
    try {
      const rows = await this.dataSource.query<Row[]>(sql, [bucket, from, to]);
      return rows.map((row) => ({ ...row, bucket: row.bucket.toISOString() }));
    } catch (error) {
      if (isTimeout(error))
        throw new TransientError('the statistics took too long, narrow the time range', { cause: error });
      throw error;
    }
  }
}
