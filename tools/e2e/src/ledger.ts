import { waitFor } from '@kirisan/local-stack';
import { WAITS } from './e2e.config.js';
import type { Scene } from './promises.js';

interface Ledger {
  balanced: boolean;
  exact: boolean;
  matches: { total: number; waiting: number; parked: number; open: number; final: number; expired: number };
  outcomes: { verdict: string; count: number }[];
  exceptions: { kind: string; breaksBalance: boolean; total: number; items: { id: string }[] }[];
}

/** The ledger of everything so far adds up once nothing is under way, and the witness agrees. Throws what does not. */
export async function checkLedger({ client, sink }: Scene): Promise<void> {
  let ledger: Ledger | undefined;
  const settled = async () => {
    const { status, body } = await client.log<Ledger>('/ledger');
    if (status !== 200) throw new Error(`GET /v1/ledger: ${status} ${JSON.stringify(body)}`);
    ledger = body;
    const { total, final, expired } = body.matches;
    return body.balanced && body.exact && total === final + expired;
  };
  await waitFor(settled, { timeoutMs: WAITS.settleMs, intervalMs: 1_000 }).catch((cause: unknown) => {
    throw new Error(`the ledger does not add up: ${JSON.stringify(ledger)}`, { cause });
  });
  const counted = (...verdicts: string[]) =>
    ledger!.outcomes.reduce((sum, { verdict, count }) => sum + (verdicts.includes(verdict) ? count : 0), 0);
  const arrived = new Set(sink.arrivals.map(({ headers }) => headers['webhook-id'])).size;
  const answered = counted('answered');
  const sent = answered + counted('sent_no_answer');
  if (arrived < answered || arrived > sent)
    throw new Error(`the sink counts ${arrived}, the ledger ${answered} answered and ${sent} sent`);
}
