import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ClaimEvent, type ClaimReply, encodeClaimRequest, SUBJECTS } from '@kirisan/contracts';
import { type PostgresServer, startPostgres, waitFor } from '@kirisan/local-stack';
import type { DeliveryDetail } from '@kirisan/log-client';
import pg from 'pg';
import { type LogApp, startLogApp } from './testing/log-app.js';
import { claimEvent, outcome } from './testing/samples.js';

// Real: the whole service, nats-server, and a PostgreSQL of its own that is killed.
let postgres: PostgresServer;
let log: LogApp;

beforeAll(async () => {
  postgres = await startPostgres({ dir: mkdtempSync(join(tmpdir(), 'log-outage-')), durable: true });
  log = await startLogApp({ databaseUrl: postgres.url, hotPathTimeoutMs: 1_000, interruptAfterMs: 2_000 });
}, 60_000);
afterAll(async () => {
  await log?.close();
  await postgres?.stop();
});

const within = (timeoutMs: number, what: string) => ({ timeoutMs, what });
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
async function claim(events: ClaimEvent[], token: string): Promise<string[]> {
  const reply = await log.messaging.request(
    SUBJECTS.claim,
    encodeClaimRequest({ token, incarnation: 'worker', events }),
    { timeoutMs: 8_000 },
  );
  return (JSON.parse(Buffer.from(reply).toString()) as ClaimReply).won;
}
/** As a worker asks: again, with the same token, until it is answered. */
async function claimPatiently(events: ClaimEvent[], token: string): Promise<string[]> {
  let won: string[] | undefined;
  await waitFor(
    async () => {
      won = await claim(events, token).catch(() => undefined);
      return won !== undefined;
    },
    within(30_000, 'an answer to the claim'),
  );
  return won!;
}
const row = async (id: string) => (await log.get<DeliveryDetail>(`/v1/deliveries/${id}`)).body;
const count = async (stream: string) =>
  (await (await log.messaging.manager()).streams.info(stream)).state.messages;
const ready = async () => (await log.get('/health/ready')).status;

describe('PostgreSQL away', () => {
  it('nothing is granted unlogged, nothing is lost, and all goes on by itself', async () => {
    const beating = setInterval(
      () => log.messaging.emit(SUBJECTS.heartbeat, json({ incarnation: 'worker', inFlight: 1 })),
      300,
    );
    const early = claimEvent();
    const won = await claimPatiently([early], randomUUID());
    const [late, token] = [claimEvent(), randomUUID()];

    await postgres.kill();
    await expect(claim([late], token)).rejects.toThrow(/answer/);
    await log.messaging.publish(SUBJECTS.outcome, json([outcome(won[0]!)]));
    await waitFor(
      async () => (await ready()) === 503,
      within(10_000, 'the service to say that it is not ready'),
    );
    clearInterval(beating);
    // Silence that is longer than allowed, but of which the service knows nothing: it counts for nothing.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await count('OUTCOMES')).toBe(1);
    expect(await count('DEAD_LETTERS')).toBe(0);

    await postgres.restart();
    expect(await claimPatiently([late], token)).toEqual(late.claims.map(({ id }) => id));
    expect(await claimPatiently([late], randomUUID())).toEqual([]);
    await waitFor(async () => (await row(won[0]!)).status === 'success', within(30_000, 'the outcome'));
    expect((await row(won[0]!)).correctedAt).toBeNull();
    await waitFor(async () => (await ready()) === 200, within(10_000, 'the service to be ready'));
  }, 90_000);

  it('too slow for a claim: it is asked again and won by the same token', async () => {
    const blocker = new pg.Client({ connectionString: log.config.databaseUrl });
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE log.claims IN ACCESS EXCLUSIVE MODE');
    const [event, token] = [claimEvent(), randomUUID()];
    await expect(claim([event], token)).rejects.toThrow('statement timeout');
    await blocker.query('COMMIT');
    await blocker.end();
    expect(await claimPatiently([event], token)).toEqual(event.claims.map(({ id }) => id));
  }, 30_000);
});
