import { Injectable } from '@nestjs/common';
import { PartitionRepository } from '../storage/partition.repository.js';
import { SearchPath } from '../storage/search-path.js';
import { LogServiceConfig } from '../log-service.config.js';
import { encodeCursor, endOf, type Position, startOf } from './cursor.js';
import type { SearchPlan } from './search-plan.js';
import { type SearchTable, stretchQuery } from './search-query.js';

export interface Found<R> {
  rows: R[];
  nextCursor: string | null;
}

const DAY_MS = 86_400_000;
const FIRST_WINDOW_MS = 2 * DAY_MS;
/** Rows looked at by one statement when a condition is covered by no index. */
const FIRST_STRETCH = 400;
const LONGEST_STRETCH = 8_000;

interface Stretch<R> {
  rows: R[];
  /** Where the statement stopped because of its limit; absent when it saw the whole window. */
  stoppedAt?: Position;
}

/**
 * Finds rows, newest first, in windows of time that grow as they stay empty, so that a page of recent rows touches one or
 * two partitions. A search that has used up its time answers with what it has and a cursor to go on with.
 */
@Injectable()
export class SearchRepository {
  constructor(
    private readonly path: SearchPath,
    private readonly partitions: PartitionRepository,
    private readonly config: LogServiceConfig,
  ) {}

  async search<R extends { at: Date; id: string }>(table: SearchTable, plan: SearchPlan): Promise<Found<R>> {
    const deadline = performance.now() + this.config.searchBudgetMs;
    const end = endOf(Math.max(plan.from, await this.partitions.oldest(table.name)));
    const rows: R[] = [];
    // Rows of the future there are none; a day is left for clocks that differ.
    let position = earlier(plan.after, startOf(Date.now() + DAY_MS));
    // Rows known by their keys are nowhere else.
    let window = plan.keys ? Infinity : FIRST_WINDOW_MS;
    let stretch = FIRST_STRETCH;
    while (isAfter(position, end)) {
      const lower = Math.max(end.time, Math.min(position.time, Date.now()) - window);
      const wanted = plan.limit + 1 - rows.length;
      const found = await this.stretch<R>(table, { ...plan, after: position, from: lower }, wanted, stretch);
      rows.push(...found.rows);
      if (rows.length > plan.limit) return page(rows, plan.limit);
      position = found.stoppedAt ?? endOf(lower);
      if (found.stoppedAt) stretch = Math.min(stretch * 4, LONGEST_STRETCH);
      else window *= 2;
      if (performance.now() > deadline) break;
    }
    return { rows, nextCursor: isAfter(position, end) ? encodeCursor(position) : null };
  }

  private async stretch<R extends { at: Date; id: string }>(
    table: SearchTable,
    plan: SearchPlan,
    wanted: number,
    stretch: number,
  ): Promise<Stretch<R>> {
    const looked = plan.rest.length > 0 ? stretch : wanted;
    const { sql, values } = stretchQuery(table, plan, looked);
    const found = await this.path.query<R & { place: string; matches: boolean }>(sql, values);
    const last = found.at(-1);
    const rows = found.filter(({ matches }) => matches);
    if (rows.length >= wanted || last === undefined || Number(last.place) < looked) return { rows };
    return { rows, stoppedAt: { time: last.at.getTime(), id: last.id } };
  }
}

function earlier(a: Position, b: Position): Position {
  return a.time <= b.time ? a : b;
}

function isAfter(a: Position, b: Position): boolean {
  return a.time > b.time || (a.time === b.time && a.id > b.id);
}

/** One row more than the page has was asked for: so there are more. */
function page<R extends { at: Date; id: string }>(rows: R[], limit: number): Found<R> {
  const items = rows.slice(0, limit);
  const last = items.at(-1)!;
  return { rows: items, nextCursor: encodeCursor({ time: last.at.getTime(), id: last.id }) };
}
