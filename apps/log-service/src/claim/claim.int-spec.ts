import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ClaimEvent, type ClaimReply, matchId } from '@kirisan/contracts';
import { createLogDatabase, type LogDatabase } from '../testing/log-database.js';
import { claimEvent, claimItem, routed, unmatched } from '../testing/samples.js';
import { eventRow } from './claim-batch.js';
import type { ClaimService } from './claim.service.js';

// Real: PostgreSQL. The service stands on it without NATS and HTTP.
let log: LogDatabase;
let service: ClaimService;

beforeAll(async () => {
  log = await createLogDatabase();
});
afterAll(() => log?.close());
beforeEach(() => {
  service = log.claimService();
});

const rows = <R>(sql: string, values: unknown[] = []): Promise<R[]> => log.dataSource.query<R[]>(sql, values);
const count = async (table: string, column: string, id: string) =>
  Number(
    (await rows<{ n: string }>(`SELECT count(*) AS n FROM log.${table} WHERE ${column} = $1`, [id]))[0]!.n,
  );
const ask = (events: ClaimEvent[], token: string = randomUUID(), by = service) =>
  by.claim({ token, incarnation: 'worker-1', events });
const idsOf = (event: ClaimEvent) => event.claims.map(({ id }) => id);

describe('claiming', () => {
  it('registers the event with its payload once and opens a row for each match', async () => {
    const event = claimEvent(routed({ endpointIds: [randomUUID(), randomUUID(), randomUUID()] }));
    const reply = await ask([event]);
    expect(new Set(reply.won)).toEqual(new Set(idsOf(event)));
    expect(
      await rows('SELECT endpoint_ids FROM log.registrations WHERE event_id = $1', [event.facts.id]),
    ).toEqual([{ endpoint_ids: event.facts.endpointIds }]);
    expect(
      await rows('SELECT payload, device_token, sender FROM log.events WHERE id = $1', [event.facts.id]),
    ).toEqual([
      { payload: Buffer.from(event.payload).toString(), device_token: 'dev-token-1', sender: '628999' },
    ]);
    const open = await rows(
      'SELECT id, incarnation, url, request_headers FROM log.open_deliveries WHERE event_id = $1',
      [event.facts.id],
    );
    expect(open).toHaveLength(3);
    expect(open[0]).toMatchObject({ incarnation: 'worker-1', url: 'https://crm.example/hook' });
  });

  it('lets the same token win again while the row is open, and no other token', async () => {
    const event = claimEvent();
    const token = randomUUID();
    expect((await ask([event], token)).won).toEqual(idsOf(event));
    expect((await ask([event], token)).won).toEqual(idsOf(event));
    expect((await ask([event], 'a token that is no UUID')).won).toEqual([]);
    expect(await count('open_deliveries', 'id', event.claims[0]!.id)).toBe(1);
    expect(await count('events', 'id', event.facts.id)).toBe(1);
  });

  it('takes a token of any form for what it is', async () => {
    const event = claimEvent();
    expect((await ask([event], 'receipt-7')).won).toEqual(idsOf(event));
    expect((await ask([event], 'receipt-7')).won).toEqual(idsOf(event));
    expect((await ask([event], 'receipt-8')).won).toEqual([]);
  });

  it('does not let the token win again once the row is closed', async () => {
    const event = claimEvent();
    const token = randomUUID();
    await ask([event], token);
    await rows('DELETE FROM log.open_deliveries WHERE id = $1', [event.claims[0]!.id]);
    expect(await ask([event], token)).toEqual({ won: [], closed: idsOf(event) });
    expect(await ask([event])).toEqual({ won: [] });
  });

  it('lets a re-ask win that runs while the first ask is not committed yet', async () => {
    const event = claimEvent();
    const token = randomUUID();
    const copies = Array.from({ length: 6 }, () => log.claimService());
    const replies = await Promise.all(copies.map((copy) => ask([event], token, copy)));
    expect(replies.map(({ won }) => won)).toEqual(replies.map(() => idsOf(event)));
  });

  it('adds nothing for a later routing of the same event', async () => {
    const [first, later] = [randomUUID(), randomUUID()];
    const facts = routed({ endpointIds: [first] });
    await ask([claimEvent(facts, { claims: [] })]);
    const again = { ...facts, endpointIds: [first, later] };
    const reply = await ask([claimEvent(again)]);
    expect(reply.won).toEqual([matchId(facts.id, first)]);
    expect(await rows('SELECT endpoint_ids FROM log.registrations WHERE event_id = $1', [facts.id])).toEqual([
      { endpoint_ids: [first] },
    ]);
  });

  it('refuses an endpoint that the very request does not list, also for the same event twice in one request', async () => {
    const [listed, other] = [randomUUID(), randomUUID()];
    const facts = routed({ endpointIds: [listed] });
    const second = { ...facts, endpointIds: [listed, other] };
    const reply = await ask([claimEvent(facts), claimEvent(second, { claims: [claimItem(second, other)] })]);
    expect(reply.won).toEqual([matchId(facts.id, listed)]);
  });

  it('lets a manual resend of a registered match through, as a claim of its own', async () => {
    const event = claimEvent();
    await ask([event]);
    const resend = claimItem(event.facts, undefined, { id: randomUUID(), resendOf: event.claims[0]!.id });
    expect((await ask([{ ...event, claims: [resend] }])).won).toEqual([resend.id]);
    expect(await rows('SELECT resend_of FROM log.open_deliveries WHERE id = $1', [resend.id])).toEqual([
      { resend_of: event.claims[0]!.id },
    ]);
  });

  it('refuses a claim under a name that is neither its match nor a resend', async () => {
    const event = claimEvent();
    await expect(ask([{ ...event, claims: [{ ...event.claims[0]!, id: randomUUID() }] }])).rejects.toThrow(
      'neither its match nor a resend',
    );
  });

  it('answers an empty request', async () => {
    expect(await ask([])).toEqual({ won: [] });
  });

  it('grants each claim once to fifty that ask at the same time over several copies, whatever their order', async () => {
    const events = Array.from({ length: 20 }, () =>
      claimEvent(routed({ endpointIds: [randomUUID(), randomUUID()] })),
    );
    const copies = [log.claimService(), log.claimService(), log.claimService()];
    const shuffled = () => events.toSorted(() => Math.random() - 0.5);
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, i) => ask(shuffled(), randomUUID(), copies[i % copies.length])),
    );
    const won = replies.flatMap((reply: ClaimReply) => reply.won);
    expect(won).toHaveLength(40);
    expect(new Set(won)).toEqual(new Set(events.flatMap(idsOf)));
    const open = await rows<{ n: string }>(
      'SELECT count(*) AS n FROM log.open_deliveries WHERE id = ANY ($1)',
      [won],
    );
    expect(Number(open[0]!.n)).toBe(40);
  });

  it('answers a thousand matches of one event in linear time', async () => {
    const one = claimEvent();
    await ask([one]);
    const many = (n: number) =>
      claimEvent(routed({ endpointIds: Array.from({ length: n }, () => randomUUID()) }));
    const timed = async (n: number) => {
      const event = many(n);
      const start = performance.now();
      expect((await ask([event])).won).toHaveLength(n);
      return performance.now() - start;
    };
    await timed(100);
    const [small, large] = [await timed(250), await timed(2_000)];
    expect(large).toBeLessThan(small * 8 * 3);
  });
});

describe('hostile values', () => {
  it('stores lone surrogates, NUL, quotes and braces without harm to the neighbours', async () => {
    const hostile = `a"\\{},\u0000${String.fromCharCode(0xd800)}\u{1f600}'; DROP TABLE log.claims; --`;
    const facts = routed({ sender: hostile, deviceNumber: hostile, channel: '__proto__' });
    const bad = claimEvent(facts, { payload: Buffer.from('{"text":"\\u0000\\ud800 \\"{}"}') });
    bad.claims[0]!.endpointName = hostile;
    const neighbour = claimEvent();
    const reply = await ask([bad, neighbour]);
    expect(reply.won).toHaveLength(2);
    const stored = 'a"\\{},\ufffd\ufffd\u{1f600}\'; DROP TABLE log.claims; --';
    expect(await rows('SELECT sender, channel, payload FROM log.events WHERE id = $1', [facts.id])).toEqual([
      { sender: stored, channel: '__proto__', payload: '{"text":"\\u0000\\ud800 \\"{}"}' },
    ]);
    expect(
      await rows('SELECT endpoint_name FROM log.open_deliveries WHERE event_id = $1', [facts.id]),
    ).toEqual([{ endpoint_name: stored }]);
  });

  it('stores a payload that is no UTF-8 as well as it can', async () => {
    const event = claimEvent(routed(), { payload: Buffer.from([0x7b, 0xff, 0x00, 0x7d]) });
    expect((await ask([event])).won).toHaveLength(1);
    expect(await rows('SELECT payload FROM log.events WHERE id = $1', [event.facts.id])).toEqual([
      { payload: '{\ufffd\ufffd}' },
    ]);
  });

  it('stores times and sizes that no database holds', async () => {
    for (const acceptedAt of [Number.NaN, -1, 1e300, Number.MAX_SAFE_INTEGER]) {
      expect((await ask([claimEvent(routed({ acceptedAt }))])).won).toHaveLength(1);
    }
    const huge = claimEvent(routed({ sender: '9'.repeat(100_000), deviceNumber: '8'.repeat(100_000) }));
    expect((await ask([huge])).won).toHaveLength(1);
  });

  it('lets one bad row fail alone, and says which', async () => {
    await rows(`ALTER TABLE log.open_deliveries ADD CONSTRAINT no_poison CHECK (url <> 'https://poison/')`);
    const bad = claimEvent(routed({ endpointIds: [randomUUID(), randomUUID()] }));
    bad.claims[0]!.url = 'https://poison/';
    const neighbours = [claimEvent(), claimEvent()];
    const [reply, other] = await Promise.all([ask([neighbours[0]!, bad]), ask([neighbours[1]!])]);
    expect(new Set(reply.won)).toEqual(new Set([...idsOf(neighbours[0]!), bad.claims[1]!.id]));
    expect(reply.refused).toMatchObject([
      { id: bad.claims[0]!.id, reason: expect.stringContaining('no_poison') },
    ]);
    expect(other.won).toEqual(idsOf(neighbours[1]!));
    await rows('ALTER TABLE log.open_deliveries DROP CONSTRAINT no_poison');
    expect((await ask([bad])).won).toEqual([bad.claims[0]!.id]);
  });
});

describe('registering events without a match', () => {
  it('keeps the reason, and a repeat adds nothing', async () => {
    const facts = unmatched({ reason: 'too_large', tooLargeBytes: 600_000, deviceId: undefined });
    const row = eventRow(facts, Buffer.from('{}'));
    expect(await service.register([row, row])).toEqual([]);
    expect(await service.register([{ ...row, reason: 'no_endpoint' }])).toEqual([]);
    expect(await rows('SELECT reason, too_large_bytes FROM log.events WHERE id = $1', [facts.id])).toEqual([
      { reason: 'too_large', too_large_bytes: '600000' },
    ]);
  });

  it('grants no claim for an event that was first recorded without a match', async () => {
    const facts = routed();
    await service.register([eventRow({ ...unmatched(), id: facts.id }, Buffer.from('{}'))]);
    expect((await ask([claimEvent(facts)])).won).toEqual([]);
  });
});

describe('partitions', () => {
  it('are made when they are missing, and nothing is lost', async () => {
    for (const { name, parent } of await rows<{ name: string; parent: string }>(
      `SELECT inhrelid::regclass AS name, inhparent::regclass AS parent FROM pg_inherits
       WHERE inhparent IN ('log.events'::regclass, 'log.deliveries'::regclass)`,
    )) {
      await rows(`ALTER TABLE ${parent} DETACH PARTITION ${name}`);
      await rows(`DROP TABLE ${name}`);
    }
    const event = claimEvent();
    expect((await ask([event])).won).toEqual(idsOf(event));
    expect(await count('events', 'id', event.facts.id)).toBe(1);
  });
});
