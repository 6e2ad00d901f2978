import { type Condition, type SearchPlan, typeOf } from './search-plan.js';

export interface SearchTable {
  name: 'deliveries' | 'events';
  /** Column that orders and partitions it. */
  time: 'claimed_at' | 'registered_at';
  /** Select list of a list's rows, over the table itself. */
  columns: string;
}

interface Query {
  sql: string;
  values: unknown[];
}

/**
 * Rows of one window in order, at most `looked` of them. `matches` says whether a row fulfils the rest of the conditions,
 * `place` counts the rows. Those that do not match are left out, but for the last of a full stretch: it tells the caller
 * where to go on.
 */
export function stretchQuery(table: SearchTable, plan: SearchPlan, looked: number): Query {
  const parameters = new Parameters();
  const keys = keysQuery(table, plan, looked, parameters);
  const rest = plan.rest.map((condition) => parameters.bind(condition)).join(' AND ') || 'true';
  const sql = `
    SELECT ${table.columns}, ${table.time} AS at, place, matches
    FROM (SELECT *, ${rest} AS matches, row_number() OVER () AS place FROM (${keys}) looked) numbered
    WHERE matches OR place = ${looked}
    ORDER BY place`;
  return { sql, values: parameters.values };
}

function keysQuery(table: SearchTable, plan: SearchPlan, looked: number, parameters: Parameters): string {
  const { time } = table;
  const lower = parameters.add(new Date(plan.from));
  const upper = parameters.add(new Date(plan.after.time));
  const id = parameters.add(plan.after.id);
  const span = `${time} >= ${lower} AND ${time} <= ${upper} AND (${time} < ${upper} OR id < ${id}::uuid)`;
  const order = `ORDER BY ${time} DESC, id DESC LIMIT ${looked}`;
  const streams = streamsOf(plan, parameters);
  if (!streams) return `SELECT * FROM log.${table.name} WHERE ${span} ${order}`;
  // In the index' own order, ties and all: were the id asked for here, the planner would rather read a whole day and sort.
  return `SELECT found.* FROM ${streams.from} CROSS JOIN LATERAL (
      SELECT * FROM log.${table.name} WHERE ${streams.where} AND ${span}
      ORDER BY ${time} DESC FETCH FIRST ${looked} ROWS WITH TIES
    ) found ${order}`;
}

interface Streams {
  from: string;
  where: string;
}

/** Each pair of a leading value and a facet is a short ordered scan of one index; their heads are merged. */
function streamsOf({ lead, facets, keys }: SearchPlan, parameters: Parameters): Streams | undefined {
  const from: string[] = [];
  const where: string[] = [];
  if (keys) {
    from.push(
      `unnest(${parameters.add(keys.ids)}::uuid[], ${parameters.add(keys.times)}::timestamptz[]) AS keys (key, at)`,
    );
    where.push('id = key AND claimed_at = at');
  }
  if (lead) {
    from.push(`unnest(${parameters.add(lead.values)}::${typeOf(lead)}[]) AS leads (lead)`);
    where.push(`${lead.column} = lead`);
  }
  if (facets) {
    from.push(`unnest(${parameters.add(facets)}::int[]) AS facets (wanted)`);
    where.push('facet = wanted');
  }
  return from.length > 0 ? { from: from.join(' CROSS JOIN '), where: where.join(' AND ') } : undefined;
}

class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  bind({ sql, value }: Condition): string {
    const parameter = this.add(value);
    return `(${sql.replaceAll('$', () => parameter)})`;
  }
}
