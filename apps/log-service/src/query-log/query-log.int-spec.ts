import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClaimEvent, Outcome, RoutedFacts } from '@kirisan/contracts';
import type { DeliverySummary, EventSummary } from '@kirisan/log-client';
import { Metrics } from '@kirisan/service';
import { eventRow } from '../claim/claim-batch.js';
import type { ClaimService } from '../claim/claim.service.js';
import { OutcomeRepository } from '../record-outcome/outcome.repository.js';
import { OutcomeService } from '../record-outcome/outcome.service.js';
import { SearchPath } from '../storage/search-path.js';
import type { DeadLetters } from '../storage/dead-letters.client.js';
import { createLogDatabase, type LogDatabase } from '../testing/log-database.js';
import { claimEvent, claimItem, outcome, routed, unmatched } from '../testing/samples.js';
import { DeliveriesQueryService } from './deliveries-query.service.js';
import { EventsQueryService } from './events-query.service.js';
import { ListDeliveriesDto } from './list-deliveries.dto.js';
import { ListEventsDto } from './list-events.dto.js';
import { LogRepository } from './log.repository.js';
import { SearchRepository } from './search.repository.js';

// Real: PostgreSQL. Doubled: the dead-letter stream, which nothing here uses.
let log: LogDatabase;
let claims: ClaimService;
let outcomes: OutcomeService;
let deliveries: DeliveriesQueryService;
let events: EventsQueryService;
let searchPath: SearchPath;

const [CRM, HELPDESK] = [randomUUID(), randomUUID()];
const DEVICES = [
  { deviceId: randomUUID(), deviceToken: 'tok_50%_a', deviceNumber: '62811000', channel: 'whatsapp' },
  { deviceId: randomUUID(), deviceToken: 'tok_505_b', deviceNumber: '@shop_bot', channel: 'telegram' },
  { deviceId: randomUUID(), deviceToken: 'other', deviceNumber: '62899', channel: 'waba' },
] as const;
const RESULTS: Partial<Outcome>[] = [
  { status: 'success', verdict: 'answered' },
  { status: 'failed', verdict: 'answered', httpStatus: 500 },
  { status: 'failed', verdict: 'sent_no_answer', httpStatus: undefined },
  { status: 'failed', verdict: 'not_sent', httpStatus: undefined },
];
const TYPES = ['incoming_message', 'submission', 'message_status'] as const;
const made: DeliverySummary[] = [];

async function deliver(facts: RoutedFacts, result: Partial<Outcome>): Promise<string[]> {
  const event: ClaimEvent = claimEvent(facts);
  const { won } = await claims.claim({ token: randomUUID(), incarnation: 'w', events: [event] });
  await outcomes.record(won.map((id) => outcome(id, result)));
  return won;
}

/** 3 devices × 3 types × 4 results × live and test; every third event has two matches. */
async function fill(): Promise<void> {
  for (const [i, device] of DEVICES.entries()) {
    for (const [j, type] of TYPES.entries()) {
      for (const [k, result] of RESULTS.entries()) {
        const production = (i + j + k) % 4 !== 0;
        const endpointIds = (i + j + k) % 3 === 0 ? [CRM, HELPDESK] : [CRM];
        await deliver(routed({ ...device, type, production, endpointIds, sender: `person-${i}` }), result);
      }
    }
  }
}

beforeAll(async () => {
  log = await createLogDatabase();
  claims = log.claimService();
  outcomes = new OutcomeService(
    new OutcomeRepository(log.hotPath(), log.dataSource),
    {} as unknown as DeadLetters,
    new Metrics(),
  );
  searchPath = new SearchPath(log.config);
  // A budget that no slow test machine uses up: what a search does when it has, is a test of its own.
  const search = new SearchRepository(searchPath, log.partitions, {
    ...log.config,
    searchBudgetMs: 5_000,
  });
  const repository = new LogRepository(log.dataSource);
  deliveries = new DeliveriesQueryService(search, log.catalog, repository);
  events = new EventsQueryService(search, log.catalog, repository);
  await fill();
  made.push(...(await all({})));
});
afterAll(async () => {
  await searchPath?.onApplicationShutdown();
  await log?.close();
});

const list = (query: Partial<ListDeliveriesDto> = {}) =>
  deliveries.list(Object.assign(new ListDeliveriesDto(), query));
const listEvents = (query: Partial<ListEventsDto> = {}) =>
  events.list(Object.assign(new ListEventsDto(), query));

/** Walks all pages. */
async function all(query: Partial<ListDeliveriesDto>): Promise<DeliverySummary[]> {
  const items: DeliverySummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ ...query, cursor });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return items;
}
const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id);

describe('listing deliveries', () => {
  it('shows every final row once, newest first', () => {
    expect(made).toHaveLength(36 + 12);
    expect(new Set(idsOf(made)).size).toBe(made.length);
    const keys = made.map(({ createdAt, id }) => `${createdAt} ${id}`);
    expect(keys).toEqual(keys.toSorted().toReversed());
  });

  it.each<[string, Partial<ListDeliveriesDto>, (row: DeliverySummary) => boolean]>([
    ['status', { status: 'failed' }, (row) => row.status === 'failed'],
    ['verdict', { verdict: 'not_sent' }, (row) => row.verdict === 'not_sent'],
    ['event', { event: 'submission' }, (row) => row.event === 'submission'],
    ['channel', { channel: 'telegram' }, (row) => row.channel === 'telegram'],
    ['unknown channel', { channel: 'pigeon' }, () => false],
    ['live', { production: 'true' }, (row) => row.production],
    ['test', { production: 'false' }, (row) => !row.production],
    ['deviceId', { deviceId: DEVICES[1].deviceId }, (row) => row.deviceId === DEVICES[1].deviceId],
    ['unknown deviceId', { deviceId: randomUUID() }, () => false],
    ['endpointId', { endpointId: HELPDESK }, (row) => row.endpointId === HELPDESK],
    ['token prefix', { device: 'tok_5' }, (row) => row.device.startsWith('tok_5')],
    ['token prefix with a wildcard of SQL', { device: 'tok_50%' }, (row) => row.device === 'tok_50%_a'],
    ['number prefix', { device: '628' }, (row) => row.deviceNumber!.startsWith('628')],
    ['username prefix', { device: '@shop' }, (row) => row.deviceNumber === '@shop_bot'],
    ['unknown prefix', { device: 'x' }, () => false],
    [
      'device, status and event',
      { deviceId: DEVICES[0].deviceId, status: 'failed', event: 'incoming_message' },
      (row) =>
        row.deviceId === DEVICES[0].deviceId && row.status === 'failed' && row.event === 'incoming_message',
    ],
    [
      'device and endpoint',
      { device: 'other', endpointId: HELPDESK },
      (row) => row.device === 'other' && row.endpointId === HELPDESK,
    ],
    ['status and verdict that exclude each other', { status: 'success', verdict: 'not_sent' }, () => false],
  ])('filters by %s, on pages of any size', async (_name, query, matches) => {
    const expected = idsOf(made.filter(matches));
    expect(idsOf(await all(query))).toEqual(expected);
    expect(idsOf(await all({ ...query, limit: 1 }))).toEqual(expected);
    expect(idsOf(await all({ ...query, limit: 5 }))).toEqual(expected);
  });

  it('filters by event id, with its resends', async () => {
    const facts = routed({ endpointIds: [CRM, HELPDESK], production: false });
    const first = await deliver(facts, {});
    const resend = claimItem(facts, CRM, { id: randomUUID(), resendOf: first[0]! });
    await claims.claim({
      token: 't',
      incarnation: 'w',
      events: [{ ...claimEvent(facts), claims: [resend] }],
    });
    await outcomes.record([outcome(resend.id, { status: 'failed', verdict: 'not_sent' })]);
    const found = await all({ eventId: facts.id, limit: 1 });
    expect(new Set(idsOf(found))).toEqual(new Set([...first, resend.id]));
    expect(found[0]).toMatchObject({ id: resend.id, matchId: resend.matchId, resendOf: first[0] });
    expect(idsOf(await all({ eventId: facts.id, status: 'failed', endpointId: CRM }))).toEqual([resend.id]);
    expect(await all({ eventId: randomUUID() })).toEqual([]);
  });

  it('cuts by time, from included and to excluded, in every spelling', async () => {
    const at = made[20]!.createdAt;
    const time = new Date(at).getTime();
    const known = new Set(idsOf(made));
    const from = made.filter((row) => row.createdAt >= at);
    const to = made.filter((row) => row.createdAt < at);
    const old = (rows: DeliverySummary[]) => idsOf(rows.filter(({ id }) => known.has(id)));
    expect(old(await all({ from: at }))).toEqual(idsOf(from));
    expect(old(await all({ to: at }))).toEqual(idsOf(to));
    expect(old(await all({ from: String(time) }))).toEqual(idsOf(from));
    expect(old(await all({ to: at.replace('Z', '+00:00'), limit: 3 }))).toEqual(idsOf(to));
    expect(old(await all({ from: String(Math.floor(time / 1_000) + 60) }))).toEqual([]);
    expect(old(await all({ to: '2020-01-01' }))).toEqual([]);
  });

  it('is stable while new rows arrive', async () => {
    const before = idsOf(await all({ endpointId: CRM }));
    const walked: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ endpointId: CRM, limit: 7, cursor });
      walked.push(...idsOf(page.items));
      cursor = page.nextCursor ?? undefined;
      await deliver(routed({ ...DEVICES[0], endpointIds: [CRM], production: false }), {});
    } while (cursor);
    expect(walked).toEqual(before);
  });

  it('goes page by page through many rows of one moment', async () => {
    const endpointIds = Array.from({ length: 120 }, () => randomUUID());
    const facts = routed({ deviceId: randomUUID(), deviceToken: 'crowd', endpointIds, production: false });
    const won = new Set(await deliver(facts, {}));
    for (const query of [{ eventId: facts.id }, { deviceId: facts.deviceId }, { device: 'crowd' }]) {
      const found = await all({ ...query, limit: 50 });
      expect(new Set(idsOf(found))).toEqual(won);
      expect(found).toHaveLength(120);
    }
  });

  it('finds rare rows in old partitions behind many others', async () => {
    const rare = await agedDelivery(20);
    expect(idsOf(await all({ deviceId: rare.deviceId }))).toEqual([rare.id]);
    expect(idsOf(await all({ device: rare.device }))).toEqual([rare.id]);
    expect(idsOf(await all({ to: rare.after, limit: 1 }))).toEqual([rare.id]);
  });

  it('answers with a cursor when its time is used up, and finds all by going on', async () => {
    const rare = await agedDelivery(12);
    const hurried = new DeliveriesQueryService(
      new SearchRepository(searchPath, log.partitions, { ...log.config, searchBudgetMs: 0 }),
      log.catalog,
      new LogRepository(log.dataSource),
    );
    const query = Object.assign(new ListDeliveriesDto(), { deviceId: rare.deviceId });
    const first = await hurried.list(query);
    expect(first).toMatchObject({ items: [], nextCursor: expect.any(String) });
    const found: string[] = [];
    for (let page = first, steps = 0; page.nextCursor && steps < 50; steps++) {
      page = await hurried.list({ ...query, cursor: page.nextCursor });
      found.push(...idsOf(page.items));
    }
    expect(found).toEqual([rare.id]);
  });
});

/** A delivery of a device of its own, moved into the past with its claim. */
async function agedDelivery(days: number) {
  const deviceId = randomUUID();
  const device = `aged-${days}`;
  const [id] = await deliver(routed({ deviceId, deviceToken: device, production: false }), {});
  const day = new Date(Date.now() - days * 86_400_000);
  const name = `deliveries_${day.toISOString().slice(0, 10).replaceAll('-', '')}`;
  const [start, end] = [day, new Date(day.getTime() + 86_400_000)].map((date) =>
    date.toISOString().slice(0, 10),
  );
  await log.dataSource.query(
    `CREATE TABLE log.${name} PARTITION OF log.deliveries FOR VALUES FROM ('${start} 00:00+00') TO ('${end} 00:00+00')`,
  );
  for (const table of ['claims', 'deliveries']) {
    await log.dataSource.query(`UPDATE log.${table} SET claimed_at = $2 WHERE id = $1`, [id, day]);
  }
  log.partitions.forget();
  return { id: id!, deviceId, device, after: new Date(day.getTime() + 1_000).toISOString() };
}

describe('listing events', () => {
  it('shows live ones unless asked for tests, with the number of matches', async () => {
    const live = (await listEvents({ limit: 200 })).items;
    expect(live.every(({ production }) => production)).toBe(true);
    expect(live.filter(({ matchCount }) => matchCount === 2).length).toBeGreaterThan(0);
    const tests = (await listEvents({ production: 'false', limit: 200 })).items;
    expect(tests.some(({ production }) => production)).toBe(false);
    const both = (await listEvents({ production: 'any', limit: 200 })).items;
    expect(both).toHaveLength(live.length + tests.length);
  });

  it('filters by sender, reason, matched, device, channel and type', async () => {
    const stranger = unmatched({
      deviceId: undefined,
      deviceToken: 'nobody-7',
      reason: 'unknown_device',
      sender: 'zed',
    });
    const quiet = unmatched({ ...DEVICES[0], reason: 'device_mode', sender: 'zed' });
    await claims.register([stranger, quiet].map((facts) => eventRow(facts, Buffer.from('{}'))));
    const ids = async (query: Partial<ListEventsDto>) => idsOf((await listEvents(query)).items);
    expect(await ids({ sender: 'zed' })).toHaveLength(2);
    expect(await ids({ sender: 'zed', reason: 'device_mode' })).toEqual([quiet.id]);
    expect(await ids({ sender: 'zed', matched: 'true' })).toEqual([]);
    expect(await ids({ reason: 'unknown_device' })).toEqual([stranger.id]);
    expect(await ids({ device: 'nobody' })).toEqual([stranger.id]);
    expect(new Set(await ids({ matched: 'false' }))).toEqual(new Set([stranger.id, quiet.id]));
    expect(await ids({ deviceId: DEVICES[0].deviceId, matched: 'false' })).toEqual([quiet.id]);
    const statuses = (await listEvents({ channel: 'waba', event: 'message_status', limit: 200 })).items;
    expect(statuses.length).toBeGreaterThan(0);
    expect(
      statuses.every((row: EventSummary) => row.channel === 'waba' && row.event === 'message_status'),
    ).toBe(true);
  });

  it('shows what became of each match', async () => {
    const endpointIds = [CRM, HELPDESK, randomUUID()];
    const facts = routed({ endpointIds });
    const event = claimEvent(facts);
    const ask = (index: number) =>
      claims.claim({ token: 't', incarnation: 'w', events: [{ ...event, claims: [event.claims[index]!] }] });
    await ask(0);
    await ask(1);
    await outcomes.record([outcome(event.claims[0]!.id)]);
    const { matches, payload, matchCount } = await events.get(facts.id);
    expect(matchCount).toBe(3);
    expect(payload).toBe(Buffer.from(event.payload).toString());
    expect(matches.map(({ endpointId, state }) => [endpointId, state])).toEqual([
      [CRM, 'final'],
      [HELPDESK, 'open'],
      [endpointIds[2], 'waiting'],
    ]);
    expect(matches[0]!.deliveries).toMatchObject([{ status: 'success', httpStatus: 200 }]);
    expect(matches[1]!.deliveries).toMatchObject([{ status: 'open' }]);
  });
});
