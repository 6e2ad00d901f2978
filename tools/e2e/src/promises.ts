import { waitFor } from '@kirisan/local-stack';
import type { Sink } from './sink.js';
import type { StackClient } from './stack-client.js';

interface DeliveryRow {
  id: string;
  matchId: string;
  eventId: string;
  status: string;
  verdict: string;
  reason: string | null;
  error: { code: string } | null;
}

export interface PromiseCheck {
  client: StackClient;
  sink: Sink;
  deviceId: string;
  /** The one endpoint of that device. */
  endpointId: string;
  /** The sink's path of that endpoint. */
  path: string;
  /** Texts of the messages that were answered 200. */
  accepted: ReadonlySet<string>;
  /** Rows that may be `interrupted`: none unless a worker died. */
  mayInterrupt?: number;
  /** Rows that may be `claim_expired`, not sent: none unless a worker was frozen. */
  mayExpire?: number;
  settleMs?: number;
}

/** What the five promises say of a run: throws with what is broken. */
export async function checkPromises(check: PromiseCheck): Promise<{ rows: number; interrupted: number }> {
  const rows = await settledRows(check);
  const problems = [...rowProblems(rows), ...sinkProblems(check, rows)];
  if (problems.length > 0) throw new Error(`broken promises:\n  ${problems.slice(0, 20).join('\n  ')}`);
  return { rows: rows.length, interrupted: rows.filter(({ reason }) => reason === 'interrupted').length };
}

/** The rows once every event has its own; an event may have been stored although its sender never heard of it. */
async function settledRows({ client, accepted, deviceId, endpointId, settleMs = 90_000 }: PromiseCheck) {
  let rows: DeliveryRow[] = [];
  const settled = async () => {
    const events = await client.all(`/events?deviceId=${deviceId}`);
    rows = await client.all<DeliveryRow>(`/deliveries?endpointId=${endpointId}&production=true`);
    return events.length >= accepted.size && rows.length >= events.length;
  };
  await waitFor(settled, {
    timeoutMs: settleMs,
    intervalMs: 500,
    what: `a row for each of ${accepted.size} events`,
  });
  return rows;
}

function rowProblems(rows: DeliveryRow[]): string[] {
  const ids = new Set<string>();
  return rows.flatMap(({ id, matchId }) => {
    if (ids.has(matchId)) return [`two rows for the match ${matchId}`];
    ids.add(matchId);
    return id === matchId ? [] : [`the automatic delivery ${id} is not its match ${matchId}`];
  });
}

function sinkProblems(
  { sink, path, accepted, mayInterrupt = 0, mayExpire = 0 }: PromiseCheck,
  rows: DeliveryRow[],
): string[] {
  const live = sink.at(path).filter(({ headers }) => headers['user-agent'] === 'Kirisan-Webhook/1.0');
  const byMatch = new Map(rows.map((row) => [row.matchId, row]));
  const arrived = new Set(live.map(({ headers }) => String(headers['webhook-id'])));
  const texts = new Set(
    live.map(({ text }) => (JSON.parse(text) as { message: { text: string } }).message.text),
  );
  const interrupted = rows.filter(({ reason }) => reason === 'interrupted');
  const expired = rows.filter(({ error }) => error?.code === 'claim_expired');
  const missing = [...accepted].filter((text) => !texts.has(text));
  return [
    ...sink.twice().map((id) => `POSTed twice: ${id}`),
    ...[...arrived].filter((id) => !byMatch.has(id)).map((id) => `POSTed without a row: ${id}`),
    ...rows
      .filter(({ status, matchId }) => status === 'success' && !arrived.has(matchId))
      .map(({ matchId }) => `a success that never arrived: ${matchId}`),
    ...rows
      .filter((row) => row.status !== 'success' && !interrupted.includes(row) && !expired.includes(row))
      .map(({ matchId, verdict, error }) => `failed without a cause: ${matchId} ${verdict} ${error?.code}`),
    ...(interrupted.length > mayInterrupt
      ? [`${interrupted.length} rows interrupted, at most ${mayInterrupt} expected`]
      : []),
    ...(expired.length > mayExpire ? [`${expired.length} rows expired, at most ${mayExpire} expected`] : []),
    // What was accepted either arrived or is the POST that a crash or a freeze cut off before it left.
    ...(missing.length > interrupted.length + expired.length
      ? [`accepted, never POSTed and not cut off: ${missing.slice(0, 5)}`]
      : []),
  ];
}
