import type { DeliveryKeys } from './log.repository.js';
import type { Kind } from '../storage/catalog.repository.js';
import { type ListDto, MAX_LIMIT } from './list.dto.js';
import { decodeCursor, type Position, startOf } from './cursor.js';
import { parseTime } from './time-parameter.js';

/** What the rows are found by. */
export interface SearchPlan {
  /** The equality that an index leads with; several values are merged. Absent: time, or the facets, lead. */
  lead?: Lead;
  /** The only rows that can be meant, by their primary keys. */
  keys?: DeliveryKeys;
  /** Rows have one of these; absent: any, and the index that leads with time alone is walked. */
  facets?: number[];
  /** What no index covers: rows are looked at one by one, and only so many at a time. */
  rest: Condition[];
  /** Where to begin; rows at it are not included. */
  after: Position;
  /** Unix milliseconds; rows before are not included. */
  from: number;
  limit: number;
}

export interface Lead {
  column: 'device_id' | 'endpoint_id' | 'sender';
  values: string[];
}

/** `$` stands for the value. */
export interface Condition {
  sql: string;
  value: unknown;
}

/** A leading equality and facets as conditions, for a search that is led by something else. */
export function asConditions(lead: Lead | undefined, facets: number[] | undefined): Condition[] {
  const conditions: Condition[] = [];
  if (lead) conditions.push({ sql: `${lead.column} = ANY ($::${typeOf(lead)}[])`, value: lead.values });
  if (facets) conditions.push({ sql: 'facet = ANY ($::int[])', value: facets });
  return conditions;
}

export function typeOf({ column }: Lead): 'text' | 'uuid' {
  return column === 'sender' ? 'text' : 'uuid';
}

const FOR_EVER = 253_402_214_400_000;

/** The stretch of time of a list, and where its page begins. */
export function stretchOf({
  from,
  to,
  cursor,
  limit,
}: ListDto): Pick<SearchPlan, 'after' | 'from' | 'limit'> {
  const end = to === undefined ? FOR_EVER : parseTime(to)!.getTime();
  const upper: Position = startOf(end - 1);
  const place = cursor === undefined ? undefined : decodeCursor(cursor)!;
  return {
    after: place && place.time < end ? place : upper,
    from: from === undefined ? 0 : parseTime(from)!.getTime(),
    limit: Math.min(limit, MAX_LIMIT),
  };
}

/** The kinds that the filters let through. */
export function matchingKinds<K extends Kind>(kinds: K[], { event, channel, production }: KindFilter): K[] {
  return kinds.filter(
    (kind) =>
      (event ?? kind.event) === kind.event &&
      (channel ?? kind.channel) === kind.channel &&
      (production === 'any' || production === String(kind.production)),
  );
}

interface KindFilter {
  event?: string;
  channel?: string;
  production: string;
}
