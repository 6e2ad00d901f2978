import { CONFIG } from '../bench.config.js';
import { BenchStack, type Line } from '../bench-stack.js';
import type { Figures } from '../experiment.js';
import { distribution } from '../process-figures.js';

const SAMPLES = 60;
const CHUNK = 500_000;

/** First pages of `GET /v1/deliveries` on a long log, and what a row takes on the disk. */
export function logQueries(): Promise<Figures> {
  return BenchStack.use(async (stack) => {
    const lines = await stack.lines();
    await stack.deliver(lines, 5_000);
    const fill = await fillLog(stack);
    const rows: Record<string, object> = {};
    for (const [name, query] of Object.entries(queries(lines[7]!))) {
      rows[name] = distribution(await timesOf(stack, query));
    }
    return { log: fill, 'ms of a first page': rows };
  });
}

/** Copies of real rows with new ids, spread over the day so far. */
async function fillLog({ database }: BenchStack) {
  const bytes = () =>
    database
      .query<{ n: string }>(
        `SELECT sum(pg_total_relation_size(inhrelid)) AS n FROM pg_inherits WHERE inhparent = 'log.deliveries'::regclass`,
      )
      .then(({ rows }) => Number(rows[0]!.n));
  const { rows: columns } = await database.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = 'log' AND table_name = 'deliveries' AND column_name NOT IN ('id', 'match_id', 'claimed_at')`,
  );
  const names = columns.map(({ name }) => name).join(', ');
  await database.query(
    `CREATE TEMPORARY TABLE template AS SELECT row_number() OVER () - 1 AS n, ${names} FROM log.deliveries WHERE production`,
  );
  const { rows } = await database.query<{ n: string }>('SELECT count(*) AS n FROM template');
  const before = await bytes();
  const started = performance.now();
  for (let from = 0; from < CONFIG.rows; from += CHUNK) {
    await database.query(
      `INSERT INTO log.deliveries (id, match_id, claimed_at, ${names})
       SELECT id, id, date_trunc('day', now(), 'UTC') + (now() - date_trunc('day', now(), 'UTC')) * (i / $3::float8), ${names}
       FROM (SELECT i, gen_random_uuid() AS id FROM generate_series($1::int, $2::int) i) made
       JOIN template ON template.n = made.i % $4`,
      [from, Math.min(from + CHUNK, CONFIG.rows) - 1, CONFIG.rows, rows[0]!.n],
    );
  }
  await database.query('ANALYZE log.deliveries');
  return {
    rows: CONFIG.rows,
    'seconds to fill': Math.round((performance.now() - started) / 1_000),
    'bytes a row, indexes included': Math.round(((await bytes()) - before) / CONFIG.rows),
  };
}

function queries({ deviceId, deviceToken, endpointIds }: Line): Record<string, string> {
  const at = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const window = `from=${at(4)}&to=${at(2)}`;
  return {
    'no filter': '',
    device: `device=${deviceToken.slice(0, 12)}`,
    deviceId: `deviceId=${deviceId}`,
    endpointId: `endpointId=${endpointIds[0]}`,
    event: 'event=incoming_message',
    'status success': 'status=success',
    'status failed (none)': 'status=failed',
    verdict: 'verdict=answered',
    channel: 'channel=whatsapp',
    production: 'production=true',
    window,
    'device, window': `deviceId=${deviceId}&${window}`,
    'endpoint, window': `endpointId=${endpointIds[0]}&${window}`,
    'status, window': `status=success&${window}`,
    'device, status, event': `deviceId=${deviceId}&status=success&event=incoming_message`,
  };
}

async function timesOf({ client }: BenchStack, query: string): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const started = performance.now();
    const { status, body } = await client.log(`/deliveries?${query}`);
    times.push(performance.now() - started);
    if (status !== 200) throw new Error(`GET /deliveries?${query}: ${status} ${JSON.stringify(body)}`);
  }
  return times;
}
