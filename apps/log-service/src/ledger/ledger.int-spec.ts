import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ClaimEvent,
  encodeClaimRequest,
  encodeRecords,
  matchId,
  type Outcome,
  STREAMS,
  SUBJECTS,
} from '@kirisan/contracts';
import { waitFor } from '@kirisan/local-stack';
import type { Ledger, LedgerExceptionKind } from '@kirisan/log-client';
import { DataSource } from 'typeorm';
import { type LogApp, startLogApp } from '../testing/log-app.js';
import { claimEvent, claimItem, outcome, routed } from '../testing/samples.js';
import { ledgerText } from './ledger-text.js';

// Real: PostgreSQL, nats-server, and the whole service between them.
const GRACE_MS = 400;
let log: LogApp;
let database: DataSource;
let from: string;

beforeAll(async () => {
  log = await startLogApp({ ledgerGraceMs: GRACE_MS, openTooLongMs: 2_000, queryTimeoutMs: 60_000 });
  database = log.app.get(DataSource);
}, 60_000);
afterAll(() => log?.close());
beforeEach(() => {
  from = new Date().toISOString();
});
afterEach(async () => {
  await database.query(
    'TRUNCATE log.registrations, log.claims, log.open_deliveries, log.deliveries, log.events',
  );
  const manager = await log.messaging.manager();
  for (const name of Object.keys(STREAMS)) await manager.streams.purge(name);
});

const sql = (text: string, values: unknown[] = []) => database.query(text, values);
const idsOf = (event: ClaimEvent) => event.facts.endpointIds.map((id) => matchId(event.facts.id, id));

async function ask(...events: ClaimEvent[]): Promise<void> {
  const request = encodeClaimRequest({ token: randomUUID(), incarnation: 'worker-1', events });
  await log.messaging.request(SUBJECTS.claim, request, { timeoutMs: 5_000 });
}

async function finish(...outcomes: Outcome[]): Promise<void> {
  await log.messaging.publish(SUBJECTS.outcome, Buffer.from(JSON.stringify(outcomes)));
  const ids = outcomes.map(({ id }) => id);
  await waitFor(
    async () => (await sql('SELECT 1 FROM log.deliveries WHERE id = ANY ($1)', [ids])).length === ids.length,
  );
}

async function ledger(): Promise<Ledger> {
  const { status, body } = await log.get<Ledger>(`/v1/ledger?from=${from}`);
  expect(status).toBe(200);
  return body;
}

function exception({ exceptions }: Ledger, wanted: LedgerExceptionKind) {
  const { total, items } = exceptions.find(({ kind }) => kind === wanted)!;
  return { total, ids: items.map(({ id }) => id) };
}
const kindsOf = ({ exceptions }: Ledger) =>
  exceptions.filter(({ total }) => total > 0).map(({ kind }) => kind);

describe('a ledger that balances', () => {
  it('counts each match in its one state', async () => {
    const event = claimEvent(routed({ endpointIds: Array.from({ length: 7 }, () => randomUUID()) }));
    const [ok, bad, expired, open, parked, waiting, alsoWaiting] = idsOf(event);
    await ask({ ...event, claims: event.claims.slice(0, 4) });
    await ask(claimEvent(routed({ endpointIds: [] })));
    const record = encodeRecords([event]);
    await log.messaging.publish(SUBJECTS.parked(event.facts.endpointIds[4]!), record);
    await log.messaging.publish(
      SUBJECTS.routed,
      encodeRecords([{ ...event, facts: { ...event.facts, endpointIds: event.facts.endpointIds.slice(5) } }]),
    );
    await finish(
      outcome(ok!),
      outcome(bad!, { status: 'failed', httpStatus: 500 }),
      outcome(expired!, { status: 'failed', verdict: 'not_sent', reason: 'expired', httpStatus: undefined }),
    );
    await sleep(GRACE_MS + 100);
    const found = await ledger();
    expect(found).toMatchObject({
      balanced: true,
      exact: true,
      events: { registered: 2, matched: 1, unmatched: 1 },
      matches: { total: 7, waiting: 2, parked: 1, open: 1, final: 2, expired: 1, unaccounted: 0, claimed: 4 },
    });
    expect(found.outcomes).toEqual(
      expect.arrayContaining([
        { status: 'success', verdict: 'answered', reason: null, count: 1 },
        { status: 'failed', verdict: 'answered', reason: null, count: 1 },
        { status: 'failed', verdict: 'not_sent', reason: 'expired', count: 1 },
      ]),
    );
    expect(kindsOf(found)).toEqual([]);
    expect([open, parked, waiting, alsoWaiting]).toHaveLength(4);
  });

  it('takes a manual resend for what it is', async () => {
    const event = claimEvent();
    await ask(event);
    const resend = claimItem(event.facts, undefined, { id: randomUUID(), resendOf: event.claims[0]!.id });
    await ask({ ...event, claims: [resend] });
    await finish(outcome(event.claims[0]!.id), outcome(resend.id));
    expect(await ledger()).toMatchObject({ balanced: true, matches: { total: 1, final: 1, claimed: 1 } });
  });

  it('finds a thousand parked matches of one endpoint and accounts for each', async () => {
    const endpointId = randomUUID();
    const events = Array.from({ length: 1_000 }, () => claimEvent(routed({ endpointIds: [endpointId] })));
    await ask(...events.map((event) => ({ ...event, claims: [] })));
    await Promise.all(
      events
        .slice(1)
        .map((event) => log.messaging.publish(SUBJECTS.parked(endpointId), encodeRecords([event]))),
    );
    await sleep(GRACE_MS + 100);
    const found = await ledger();
    expect(found).toMatchObject({ balanced: false, exact: true, matches: { total: 1_000, parked: 999 } });
    expect(exception(found, 'match_without_claim')).toEqual({ total: 1, ids: idsOf(events[0]!) });
  }, 30_000);
});

describe('an exception', () => {
  it('is a match without a claim that is in no stream, after its time of grace', async () => {
    const event = claimEvent();
    await ask({ ...event, claims: [] });
    const young = await ledger();
    expect([young.balanced, young.matches.waiting]).toEqual([true, 1]);
    await sleep(GRACE_MS + 100);
    const found = await ledger();
    expect(found).toMatchObject({ balanced: false, matches: { unaccounted: 1, waiting: 0 } });
    expect(kindsOf(found)).toEqual(['match_without_claim']);
    expect(exception(found, 'match_without_claim')).toEqual({ total: 1, ids: idsOf(event) });
  });

  it('names the dead letter that holds a match without a claim', async () => {
    const event = claimEvent();
    await ask({ ...event, claims: [] });
    await log.messaging.publish(SUBJECTS.deadLetter('DELIVERIES'), encodeRecords([event]), {
      'Kirisan-Subject': SUBJECTS.routed,
    });
    await sleep(GRACE_MS + 100);
    const { exceptions } = await ledger();
    const [{ items }] = exceptions as [Ledger['exceptions'][number]];
    expect(items).toMatchObject([{ id: idsOf(event)[0], deadLetterId: expect.stringMatching(/^\d+$/) }]);
  });

  it('is a claim without a registered match', async () => {
    const [unlisted, gone] = [claimEvent(), claimEvent()];
    await ask(unlisted, gone);
    await finish(outcome(idsOf(unlisted)[0]!));
    await sql(`UPDATE log.registrations SET endpoint_ids = '{}' WHERE event_id = $1`, [unlisted.facts.id]);
    await sql('DELETE FROM log.registrations WHERE event_id = $1', [gone.facts.id]);
    const found = await ledger();
    expect(found.balanced).toBe(false);
    expect(kindsOf(found)).toEqual(['claim_without_match']);
    const { total, ids } = exception(found, 'claim_without_match');
    expect([total, new Set(ids)]).toEqual([2, new Set([...idsOf(unlisted), ...idsOf(gone)])]);
  });

  it('is a claim out of nowhere, which has neither match nor row', async () => {
    const id = randomUUID();
    await sql('INSERT INTO log.claims (id, token, claimed_at) VALUES ($1, $1, now())', [id]);
    const found = await ledger();
    expect(kindsOf(found)).toEqual(['claim_without_match', 'claim_without_row']);
    expect(exception(found, 'claim_without_match')).toEqual({ total: 1, ids: [id] });
    expect(exception(found, 'claim_without_row')).toEqual({ total: 1, ids: [id] });
  });

  it('is a claim with neither an open nor a final row', async () => {
    const event = claimEvent();
    await ask(event);
    await sql('DELETE FROM log.open_deliveries WHERE id = $1', idsOf(event));
    const found = await ledger();
    expect(found).toMatchObject({ balanced: false, matches: { unaccounted: 1, claimed: 1 } });
    expect(kindsOf(found)).toEqual(['claim_without_row']);
    expect(exception(found, 'claim_without_row')).toEqual({ total: 1, ids: idsOf(event) });
  });

  it('is a row without a claim, whether open or final', async () => {
    const [final, open] = [claimEvent(), claimEvent()];
    await ask(final, open);
    await finish(outcome(idsOf(final)[0]!));
    const ids = [...idsOf(final), ...idsOf(open)];
    await sql('DELETE FROM log.claims WHERE id = ANY ($1)', [ids]);
    const found = await ledger();
    expect(found.balanced).toBe(false);
    const listed = exception(found, 'row_without_claim');
    expect([listed.total, new Set(listed.ids)]).toEqual([2, new Set(ids)]);
  });

  it('is a delivery that is open and final at once', async () => {
    const event = claimEvent();
    await ask(event);
    const [{ row }] = await sql('SELECT to_jsonb(o) AS row FROM log.open_deliveries o');
    await finish(outcome(idsOf(event)[0]!));
    await sql(
      'INSERT INTO log.open_deliveries SELECT * FROM jsonb_populate_record(NULL::log.open_deliveries, $1)',
      [row],
    );
    const found = await ledger();
    expect(found.balanced).toBe(false);
    expect(kindsOf(found)).toEqual(['two_rows']);
    expect(exception(found, 'two_rows')).toEqual({ total: 1, ids: idsOf(event) });
  });

  it('is a row that is open for too long, which leaves the balance as it is', async () => {
    const event = claimEvent();
    await ask(event);
    expect(kindsOf(await ledger())).toEqual([]);
    await sleep(2_200);
    const found = await ledger();
    expect(found).toMatchObject({ balanced: true, matches: { open: 1 } });
    expect(kindsOf(found)).toEqual(['open_too_long']);
    expect(exception(found, 'open_too_long')).toEqual({ total: 1, ids: idsOf(event) });
  });

  it('is a row that was corrected after closing, which leaves the balance as it is', async () => {
    const event = claimEvent();
    await ask(event);
    const [id] = idsOf(event);
    await finish(
      outcome(id!, {
        status: 'failed',
        verdict: 'sent_no_answer',
        reason: 'interrupted',
        httpStatus: undefined,
      }),
    );
    await log.messaging.publish(SUBJECTS.outcome, Buffer.from(JSON.stringify([outcome(id!)])));
    await waitFor(async () => kindsOf(await ledger()).length > 0);
    const found = await ledger();
    expect(found).toMatchObject({ balanced: true, matches: { final: 1 } });
    expect(exception(found, 'corrected')).toEqual({ total: 1, ids: [id] });
  });

  it('is listed up to a number, and counted beyond it', async () => {
    await sql(
      'INSERT INTO log.claims (id, token, claimed_at) SELECT gen_random_uuid(), gen_random_uuid(), now() FROM generate_series(1, 250)',
    );
    const { total, ids } = exception(await ledger(), 'claim_without_row');
    expect([total, ids.length]).toEqual([250, 100]);
  });
});

describe('the span', () => {
  it.each([
    ['from=2026-01-02&to=2026-01-01', 'from: must be before'],
    ['from=2026-01-01&to=2026-03-01', 'from: must be within 31 days'],
    ['from=yesterday', 'from: must be ISO 8601'],
    ['until=now', 'until'],
  ])('of %s is refused', async (query, message) => {
    const { status, body } = await log.get<{ message: string }>(`/v1/ledger?${query}`);
    expect([status, body.message]).toEqual([400, expect.stringContaining(message)]);
  });

  it('ends before what was registered later', async () => {
    await ask(claimEvent());
    const { body } = await log.get<Ledger>(`/v1/ledger?to=${from}`);
    expect(body).toMatchObject({ balanced: true, matches: { total: 0 } });
  });
});

describe('a hundred thousand matches', () => {
  it('are accounted for in a few seconds, and the one lost among them is named', async () => {
    await sql(`WITH events AS (
        INSERT INTO log.registrations SELECT gen_random_uuid(), now(), ARRAY[gen_random_uuid(), gen_random_uuid()]
        FROM generate_series(1, 50000) RETURNING *
      ), digests AS (
        SELECT event_id, e, encode(sha256(('match:' || event_id || ':' || e)::bytea), 'hex') AS h
        FROM events, unnest(endpoint_ids) AS e
      ), matches AS MATERIALIZED (
        SELECT event_id, e, (left(h, 12) || '8' || substr(h, 14, 3)
          || substr('89ab', (('x' || substr(h, 17, 1))::bit(4)::int & 3) + 1, 1) || substr(h, 18, 15))::uuid AS id
        FROM digests
      ), claimed AS (INSERT INTO log.claims SELECT id, gen_random_uuid(), now() FROM matches)
      INSERT INTO log.deliveries (id, match_id, event_id, endpoint_id, endpoint_name, url, event, channel, production,
        device_id, device_token, request_headers, claimed_at, facet, status, verdict, duration_ms, finished_at)
      SELECT id, id, event_id, e, 'CRM', 'https://crm.example/', 'incoming_message', 'waba', true,
        event_id, 't', '{}', now(), 4, 'success', 'answered', 5, now() FROM matches`);
    await sql('ANALYZE log.registrations, log.claims, log.deliveries');
    const [{ id }] = await sql('SELECT id FROM log.claims LIMIT 1');
    await sql('DELETE FROM log.claims WHERE id = $1', [id]);
    await sql('DELETE FROM log.deliveries WHERE id = $1', [id]);
    await sleep(GRACE_MS + 100);
    const start = performance.now();
    const found = await ledger();
    const took = performance.now() - start;
    expect(found.matches).toMatchObject({ total: 100_000, final: 99_999, claimed: 99_999, unaccounted: 1 });
    expect(exception(found, 'match_without_claim')).toEqual({ total: 1, ids: [id] });
    expect(took).toBeLessThan(25_000);
  }, 60_000);
});

it('prints itself for a terminal', async () => {
  const event = claimEvent();
  await ask(event);
  expect(ledgerText(await ledger())).toContain('The ledger balances.');
  await sql('DELETE FROM log.open_deliveries');
  const text = ledgerText(await ledger());
  expect(text).toContain(`claim_without_row`);
  expect(text).toContain(idsOf(event)[0]);
  expect(text).toContain('THE LEDGER DOES NOT BALANCE.');
});
