import { waitFor } from '@kirisan/local-stack';
import type { Sink } from './sink.js';
import type { StackClient } from './stack-client.js';
import type { Line } from './test-bed.js';
import { WAITS } from './e2e.config.js';

const FINAL = ['success', 'failed'];

interface DeliveryRow {
  id: string;
  matchId: string;
  eventId: string;
  status: string;
  verdict: string;
  reason: string | null;
  error: { code: string } | null;
}

/** What of a run may be anything but a success. */
export interface Allowed {
  /** Rows that may be `interrupted`: none unless a worker died. */
  mayInterrupt?: number;
  /** Rows that may be `claim_expired`, not sent: none unless a worker was frozen. */
  mayExpire?: number;
  /** Whether the endpoint leaves requests unanswered: then rows may be timeouts. */
  mayTimeOut?: boolean;
}

/** Where the stack and its witness are. */
export interface Scene {
  client: StackClient;
  sink: Sink;
}

/**
 * What the five promises say of a device and its one endpoint, once every event has its row; `accepted` holds the texts
 * of the messages that were answered 200. Throws with what is broken.
 */
export async function checkPromises(
  scene: Scene,
  line: Line,
  accepted: ReadonlySet<string>,
  allowed: Allowed = {},
): Promise<{ rows: number; interrupted: number }> {
  const rows = await settledRows(scene.client, line, accepted.size);
  const problems = [...rowProblems(rows), ...sinkProblems(scene.sink, line, accepted, rows, allowed)];
  if (problems.length > 0) throw new Error(`broken promises:\n  ${problems.slice(0, 20).join('\n  ')}`);
  return { rows: rows.length, interrupted: rows.filter(({ reason }) => reason === 'interrupted').length };
}

/** An event may have been stored although its sender never heard of it. */
async function settledRows(client: StackClient, { deviceId, endpointId }: Line, atLeast: number) {
  let rows: DeliveryRow[] = [];
  let events: unknown[] = [];
  const settled = async () => {
    events = await client.all(`/events?deviceId=${deviceId}`);
    rows = await client.all<DeliveryRow>(`/deliveries?endpointId=${endpointId}&production=true`);
    return (
      events.length >= atLeast &&
      rows.length >= events.length &&
      rows.every(({ status }) => FINAL.includes(status))
    );
  };
  await waitFor(settled, { timeoutMs: WAITS.settleMs, intervalMs: 500 }).catch((cause: unknown) => {
    const open = rows.filter(({ status }) => !FINAL.includes(status)).length;
    throw new Error(
      `not settled: ${atLeast} accepted, ${events.length} events, ${rows.length} rows, ${open} of them open`,
      { cause },
    );
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
  sink: Sink,
  { path }: Line,
  accepted: ReadonlySet<string>,
  rows: DeliveryRow[],
  { mayInterrupt = 0, mayExpire = 0, mayTimeOut = false }: Allowed,
): string[] {
  const live = sink.at(path).filter(({ headers }) => headers['user-agent'] === 'Kirisan-Webhook/1.0');
  const byMatch = new Map(rows.map((row) => [row.matchId, row]));
  const arrived = new Set(live.map(({ headers }) => String(headers['webhook-id'])));
  const texts = new Set(
    live.map(({ text }) => (JSON.parse(text) as { message: { text: string } }).message.text),
  );
  const interrupted = rows.filter(({ reason }) => reason === 'interrupted');
  const expired = rows.filter(({ error }) => error?.code === 'claim_expired');
  const timedOut = rows.filter(({ error }) => mayTimeOut && error?.code === 'timeout');
  const allowed = new Set([...interrupted, ...expired, ...timedOut]);
  const missing = [...accepted].filter((text) => !texts.has(text));
  return [
    ...sink.twice().map((id) => `POSTed twice: ${id}`),
    ...[...arrived].filter((id) => !byMatch.has(id)).map((id) => `POSTed without a row: ${id}`),
    ...rows
      .filter(({ status, matchId }) => status === 'success' && !arrived.has(matchId))
      .map(({ matchId }) => `a success that never arrived: ${matchId}`),
    ...rows
      .filter((row) => row.status !== 'success' && !allowed.has(row))
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
