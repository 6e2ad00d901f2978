import { BadRequestException, Injectable } from '@nestjs/common';
import type { Stats } from '@kirisan/log-client';
import { parseTime } from '../query-log/time-parameter.js';
import type { StatsDto } from './stats.dto.js';
import { MAX_ROWS, StatsRepository } from './stats.repository.js';

const DAY_MS = 86_400_000;
const BUCKET_MS = { minute: 60_000, hour: 3_600_000, day: DAY_MS };
/** Buckets of one answer; a longer time is refused with 400. */
const MAX_BUCKETS = 1_500;

/** Counts and latencies of live deliveries over time. */
@Injectable()
export class StatsService {
  constructor(private readonly repository: StatsRepository) {}

  /** Throws `BadRequestException` for a stretch that holds too many buckets or groups. */
  async stats({ bucket, from, to, groupBy }: StatsDto): Promise<Stats> {
    const end = to === undefined ? new Date() : parseTime(to)!;
    const start = from === undefined ? new Date(Math.max(0, end.getTime() - DAY_MS)) : parseTime(from)!;
    if (start >= end) throw new BadRequestException('from: must be before `to`');
    if ((end.getTime() - start.getTime()) / BUCKET_MS[bucket] > MAX_BUCKETS) {
      throw new BadRequestException(
        `bucket: the time range holds more than ${MAX_BUCKETS} buckets of one ${bucket}`,
      );
    }
    const rows = await this.repository.read(bucket, groupBy, start, end);
    if (rows.length > MAX_ROWS) {
      throw new BadRequestException(`groupBy: the time range holds more than ${MAX_ROWS} groups, narrow it`);
    }
    return { from: start.toISOString(), to: end.toISOString(), rows };
  }
}
