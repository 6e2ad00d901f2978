import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeClaimRequest, encodeRecords, STREAMS, type StreamName, SUBJECTS } from '@kirisan/contracts';
import { waitFor } from '@kirisan/local-stack';
import { LogClient } from '@kirisan/log-client';
import { type LogApp, startLogApp } from '../testing/log-app.js';
import { claimEvent, outcome, unmatched } from '../testing/samples.js';

// Real: PostgreSQL, nats-server, and the whole service between them.
let log: LogApp;
let client: LogClient;

beforeAll(async () => {
  log = await startLogApp();
  client = new LogClient({ url: await log.app.getUrl(), internalToken: log.config.internalToken });
}, 60_000);
afterAll(() => log?.close());
afterEach(async () => {
  const manager = await log.messaging.manager();
  for (const name of Object.keys(STREAMS)) await manager.streams.purge(name);
});

async function setAside(subject: string, data: Uint8Array | string, reason = 'broken'): Promise<string> {
  await log.messaging.publish(SUBJECTS.deadLetter('EVENTS'), Buffer.from(data), {
    'Kirisan-Reason': reason,
    'Kirisan-Subject': subject,
    'Kirisan-Sequence': '7',
  });
  const manager = await log.messaging.manager();
  return String((await manager.streams.info('DEAD_LETTERS')).state.last_seq);
}
const stored = async (stream: StreamName) =>
  (await (await log.messaging.manager()).streams.info(stream)).state.messages;
const lastOf = async (stream: StreamName, subject: string) =>
  (await log.messaging.manager()).streams.getMessage(stream, { last_by_subj: subject });

describe('the list', () => {
  it('shows each with its reason, oldest first, and controls nobody’s terminal', async () => {
    const first = await setAside(SUBJECTS.events('waba'), 'a\u001b[31mred\u0000', 'line 1 is not JSON');
    await setAside(SUBJECTS.routed, Buffer.alloc(70_000, 'x'));
    const { items, nextCursor, total } = await client.listDeadLetters();
    expect([nextCursor, total, items.length]).toEqual([null, 2, 2]);
    expect(items[0]).toEqual({
      id: first,
      reason: 'line 1 is not JSON',
      subject: 'events.waba',
      sequence: '7',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      size: 10,
      preview: 'a\\u001b[31mred\\u0000',
      truncated: false,
    });
    expect(items[1]).toMatchObject({ size: 70_000, preview: 'x'.repeat(500), truncated: true });
    expect((await client.getDeadLetter(items[1]!.id)).preview).toHaveLength(65_536);
  });

  it('is read page by page, also over gaps', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.push(await setAside(SUBJECTS.routed, String(i)));
    await client.deleteDeadLetter(ids[3]!);
    const first = await client.listDeadLetters({ limit: 3 });
    const second = await client.listDeadLetters({ limit: 3, cursor: first.nextCursor! });
    expect([first.total, second.nextCursor]).toEqual([6, null]);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids.filter((_, i) => i !== 3));
  });

  it('is empty when there are none', async () => {
    expect(await client.listDeadLetters()).toEqual({ items: [], nextCursor: null, total: 0 });
  });

  it.each([
    ['?limit=51', 'limit'],
    ['?cursor=-1', 'cursor'],
    ['?cursor=99999999999999999999', 'cursor'],
    ['/0', 'id'],
    ['/1e3', 'id'],
  ])('refuses %s', async (path, field) => {
    const { status, body } = await log.get<{ message: string }>(`/v1/dead-letters${path}`);
    expect([status, body.message]).toEqual([400, expect.stringContaining(field)]);
  });

  it('asks for the internal token', async () => {
    expect((await log.get('/v1/dead-letters', 'wrong')).status).toBe(401);
  });
});

describe('sending again', () => {
  it('puts the same bytes on their subject, and removes the dead letter', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 27, 0xed, 0xa0, 0x80]);
    const id = await setAside(SUBJECTS.events('waba'), bytes);
    expect(await client.requeueDeadLetter(id)).toEqual({ id, subject: 'events.waba' });
    const sent = await lastOf('EVENTS', 'events.waba');
    expect(Buffer.from(sent!.data).equals(bytes)).toBe(true);
    expect(await stored('DEAD_LETTERS')).toBe(0);
    await expect(client.requeueDeadLetter(id)).rejects.toMatchObject({ status: 404, code: 'not_found' });
    expect(await stored('EVENTS')).toBe(1);
  });

  it('sends once what many ask for at the same time', async () => {
    const id = await setAside(SUBJECTS.parked('e1'), encodeRecords([claimEvent()]));
    const asked = await Promise.allSettled(Array.from({ length: 10 }, () => client.requeueDeadLetter(id)));
    expect(asked.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect([await stored('PARKED'), await stored('DEAD_LETTERS')]).toEqual([1, 0]);
  });

  it('records an outcome, and an event without a match', async () => {
    const event = claimEvent();
    const request = encodeClaimRequest({ token: 't', incarnation: 'w', events: [event] });
    await log.messaging.request(SUBJECTS.claim, request, { timeoutMs: 5_000 });
    const [claim] = event.claims;
    await client.requeueDeadLetter(await setAside(SUBJECTS.outcome, JSON.stringify([outcome(claim!.id)])));
    expect((await client.getDelivery(claim!.id)).status).toBe('success');
    const facts = unmatched();
    const record = encodeRecords([{ facts, payload: Buffer.from('{}') }]);
    await client.requeueDeadLetter(await setAside(SUBJECTS.unmatched, record));
    expect((await client.getEvent(facts.id)).reason).toBe('no_endpoint');
    expect(await stored('DEAD_LETTERS')).toBe(0);
  });

  it.each([
    [SUBJECTS.outcome, '{"not":"an array"}', 'not an array'],
    [SUBJECTS.unmatched, 'cut off', 'cut off'],
  ])('keeps a message of %s that is still wrong', async (subject, data, message) => {
    const id = await setAside(subject, data);
    await expect(client.requeueDeadLetter(id)).rejects.toMatchObject({
      status: 409,
      code: 'still_wrong',
      message: expect.stringContaining(message),
    });
    expect((await client.getDeadLetter(id)).subject).toBe(subject);
  });

  it.each([
    '$JS.API.STREAM.DELETE.EVENTS',
    'events.>',
    'events.*',
    'dead.events',
    'claims.request',
    '',
    'deliveries.other',
  ])('refuses the subject "%s" and keeps the dead letter', async (subject) => {
    const id = await setAside(subject, 'x');
    await expect(client.requeueDeadLetter(id)).rejects.toMatchObject({
      status: 409,
      code: 'not_requeueable',
    });
    expect(await stored('DEAD_LETTERS')).toBe(1);
  });
});

it('tells that one is unknown', async () => {
  await expect(client.getDeadLetter('123456')).rejects.toMatchObject({ status: 404 });
  await expect(client.deleteDeadLetter('123456')).rejects.toMatchObject({ status: 404 });
});

it('answers 503 while NATS is away', async () => {
  await log.nats.kill();
  await waitFor(async () => (await log.get('/v1/dead-letters')).status === 503);
  expect((await log.get('/v1/backlog')).status).toBe(503);
  await log.nats.restart();
  await waitFor(async () => (await log.get('/v1/dead-letters')).status === 200, { timeoutMs: 15_000 });
  await waitFor(() => log.messaging.connected, { timeoutMs: 15_000 });
}, 30_000);
