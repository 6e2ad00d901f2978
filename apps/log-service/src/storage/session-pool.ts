import pg from 'pg';

export interface SessionPoolOptions {
  url: string;
  /** Connections. */
  size: number;
  /** Milliseconds after which PostgreSQL gives up a statement. */
  statementTimeoutMs: number;
  /** Settings of every connection, as SQL. */
  session: string;
  /** Shown in `pg_stat_activity`. */
  name: string;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** What an answer may take on its way beyond the statement itself. */
const ANSWER_MARGIN_MS = 1_000;

/** Connections whose planner is told what it can not know of their statements. */
export function openSessionPool(options: SessionPoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.size,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: options.statementTimeoutMs,
    // A server that is gone without a word must not hold its callers for longer than a frozen one.
    query_timeout: options.statementTimeoutMs + ANSWER_MARGIN_MS,
    keepAlive: true,
    application_name: options.name,
    onConnect: (client) => client.query(options.session),
  });
  // Without a listener, an idle connection that breaks would end the process; the next query says what is wrong.
  pool.on('error', () => undefined);
  return pool;
}
