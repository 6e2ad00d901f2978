import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type ClaimEvent,
  type ClaimReply,
  encodeClaimRequest,
  encodeRecords,
  SUBJECTS,
} from '@kirisan/contracts';
import { waitFor } from '@kirisan/local-stack';
import {
  type DeliveryDetail,
  type DeliveryFilters,
  type DeliverySummary,
  type EventDetail,
  type EventFilters,
  LogClient,
  type LogClientError,
  type Page,
  type StatsQuery,
} from '@kirisan/log-client';
import { type LogApp, startLogApp } from './testing/log-app.js';
import { claimEvent, heartbeat, outcome, routed, unmatched } from './testing/samples.js';

// Real: the whole service, PostgreSQL, nats-server. A worker and a router are played by hand.
let log: LogApp;
beforeAll(async () => {
  log = await startLogApp({ interruptAfterMs: 1_500 });
}, 60_000);
afterAll(() => log?.close());

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
async function claim(
  events: ClaimEvent[],
  incarnation = 'gone',
  token: string = randomUUID(),
): Promise<string[]> {
  const reply = await log.messaging.request(
    SUBJECTS.claim,
    encodeClaimRequest({ token, incarnation, events }),
    {
      timeoutMs: 5_000,
    },
  );
  return (JSON.parse(Buffer.from(reply).toString()) as ClaimReply).won;
}
const delivery = (id: string) => log.get<DeliveryDetail>(`/v1/deliveries/${id}`);
const status = async (id: string) => (await delivery(id)).body.status;
const streamed = async (name: string) =>
  (await (await log.messaging.manager()).streams.info(name)).state.messages;
const within = (timeoutMs: number, what: string) => ({ timeoutMs, what });

describe('from claim to row', () => {
  it('answers a claim, shows it as open, then as final with request and response', async () => {
    const event = claimEvent();
    const [id] = await claim([event], 'alive');
    expect((await delivery(id!)).body).toMatchObject({ status: 'open', verdict: null, response: null });
    await log.messaging.publish(SUBJECTS.outcome, json([outcome(id!)]));
    await waitFor(async () => (await status(id!)) === 'success', within(5_000, 'the final row'));
    expect((await delivery(id!)).body).toMatchObject({
      matchId: id,
      eventId: event.facts.id,
      device: 'dev-token-1',
      deviceId: event.facts.deviceId,
      endpointName: 'CRM',
      verdict: 'answered',
      httpStatus: 200,
      error: null,
      request: {
        method: 'POST',
        url: 'https://crm.example/hook',
        headers: { 'X-Webhook-Secret': '********' },
        body: Buffer.from(event.payload).toString(),
      },
      response: { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok', truncated: false },
      timings: { lookupMs: 1, connectMs: 2, firstByteMs: 9 },
    });
    await waitFor(async () => (await streamed('OUTCOMES')) === 0, within(5_000, 'an empty stream'));
  });

  it('records an event without a match, with its reason', async () => {
    const facts = unmatched({ reason: 'device_mode' });
    const records = [{ facts, payload: Buffer.from('{"n":12345678901234567890}') }];
    await log.messaging.publish(SUBJECTS.unmatched, encodeRecords(records));
    const found = () => log.get<EventDetail>(`/v1/events/${facts.id}`);
    await waitFor(async () => (await found()).status === 200, within(5_000, 'the event'));
    expect((await found()).body).toMatchObject({
      reason: 'device_mode',
      matchCount: 0,
      matches: [],
      payload: '{"n":12345678901234567890}',
    });
  });

  it('shares claims between copies, and each is granted once', async () => {
    await log.copy();
    const events = Array.from({ length: 10 }, () => claimEvent());
    const replies = await Promise.all(Array.from({ length: 20 }, () => claim(events, 'alive')));
    expect(replies.flat()).toHaveLength(10);
  });

  it('answers a request that is none with an error', async () => {
    await expect(
      log.messaging.request(SUBJECTS.claim, Buffer.from('no frame'), { timeoutMs: 5_000 }),
    ).rejects.toThrow('the last line is cut off');
  });
});

describe('messages that can not be recorded', () => {
  it('sets aside what is no outcome, alone, and the message leaves its stream', async () => {
    const [id] = await claim([claimEvent()], 'alive');
    const before = await streamed('DEAD_LETTERS');
    await log.messaging.publish(SUBJECTS.outcome, json([{ id: 'nonsense' }, outcome(id!)]));
    await log.messaging.publish(SUBJECTS.outcome, Buffer.from('{"not":"an array"}'));
    await log.messaging.publish(SUBJECTS.unmatched, Buffer.from('{"id":"nonsense"}\n{}\n'));
    await waitFor(async () => (await status(id!)) === 'success', within(5_000, 'the good outcome'));
    await waitFor(async () => (await streamed('OUTCOMES')) === 0, within(5_000, 'an empty stream'));
    expect((await streamed('DEAD_LETTERS')) - before).toBe(3);
    const dead = await (
      await log.messaging.manager()
    ).streams.getMessage('DEAD_LETTERS', { seq: before + 1 });
    expect(dead?.header.get('Kirisan-Reason')).toBeTruthy();
  });
});

describe('closing what a crash cut off', () => {
  it('closes the rows of a silent worker, leaves those of a living one, and takes a late outcome', async () => {
    const [dead, living] = ['dead-worker', 'living-worker'];
    const beating = setInterval(() => log.messaging.emit(SUBJECTS.heartbeat, json(heartbeat(living))), 200);
    try {
      const [orphan] = await claim([claimEvent()], dead);
      const [kept] = await claim([claimEvent()], living);
      await waitFor(async () => (await status(orphan!)) === 'failed', within(20_000, 'the row to be closed'));
      expect((await delivery(orphan!)).body).toMatchObject({
        verdict: 'sent_no_answer',
        reason: 'interrupted',
        error: { code: 'interrupted' },
        correctedAt: null,
      });
      expect(await status(kept!)).toBe('open');
      await log.messaging.publish(SUBJECTS.outcome, json([outcome(orphan!, { httpStatus: 201 })]));
      await waitFor(async () => (await status(orphan!)) === 'success', within(5_000, 'the correction'));
      expect((await delivery(orphan!)).body.correctedAt).not.toBeNull();
    } finally {
      clearInterval(beating);
    }
  }, 40_000);
});

describe('HTTP', () => {
  it('asks for the internal token everywhere but for health', async () => {
    for (const path of [
      '/v1/deliveries',
      '/v1/events',
      '/v1/stats',
      '/openapi.json',
      `/v1/events/${randomUUID()}`,
    ]) {
      expect((await log.get(path, 'wrong')).status).toBe(401);
    }
    expect((await log.get('/health/ready', 'wrong')).status).toBe(200);
    expect((await log.get<{ paths: object }>('/openapi.json')).body.paths).toHaveProperty(
      '/v1/deliveries/{id}',
    );
  });

  it.each([
    ['/v1/deliveries?limit=0', 'limit'],
    ['/v1/deliveries?limit=201', 'limit'],
    ['/v1/deliveries?limit=ten', 'limit'],
    ['/v1/deliveries?status=open', 'status'],
    ['/v1/deliveries?verdict=maybe', 'verdict'],
    ['/v1/deliveries?event=submission.completed', 'event'],
    ['/v1/deliveries?production=1', 'production'],
    ['/v1/deliveries?from=yesterday', 'from'],
    ['/v1/deliveries?to=2026-13-45', 'to'],
    ['/v1/deliveries?cursor=garbage', 'cursor'],
    ['/v1/deliveries?deviceId=7', 'deviceId'],
    ['/v1/deliveries?endpointId=', 'endpointId'],
    ['/v1/deliveries?eventId=x', 'eventId'],
    ['/v1/deliveries?device=', 'device'],
    ['/v1/deliveries?device=a&device=b', 'device'],
    ['/v1/deliveries?channel=%00', 'channel'],
    ['/v1/deliveries?device=62%00', 'device'],
    ['/v1/deliveries?colour=red', 'colour'],
    ['/v1/deliveries/7', 'id'],
    ['/v1/events?matched=perhaps', 'matched'],
    ['/v1/events?reason=because', 'reason'],
    ['/v1/events?sender=', 'sender'],
    ['/v1/events/abc', 'id'],
    ['/v1/stats?bucket=week', 'bucket'],
    ['/v1/stats?groupBy=colour', 'groupBy'],
    ['/v1/stats?from=2026-02-01&to=2026-01-01', 'from'],
    ['/v1/stats?bucket=minute&from=2020-01-01', 'bucket'],
  ])('%s is answered 400 naming %s', async (path, field) => {
    const { status, body } = await log.get<{ code: string; message: string }>(path);
    expect(body.message).toContain(field);
    expect(status).toBe(400);
  });

  it('answers 404 for what is not there', async () => {
    expect((await delivery(randomUUID())).status).toBe(404);
    expect((await log.get(`/v1/events/${randomUUID()}`)).status).toBe(404);
  });

  it('counts by bucket and group', async () => {
    const facts = routed({ type: 'message_status' });
    const [id] = await claim([claimEvent(facts)], 'alive');
    await log.messaging.publish(SUBJECTS.outcome, json([outcome(id!, { durationMs: 77 })]));
    await waitFor(async () => (await status(id!)) === 'success', within(5_000, 'the row'));
    const { body } = await log.get<{ rows: object[] }>('/v1/stats?bucket=day&groupBy=event');
    expect(body.rows).toContainEqual({
      bucket: new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000).toISOString(),
      group: 'message_status',
      count: 1,
      success: 1,
      failed: 0,
      p50: 77,
      p95: 77,
      p99: 77,
    });
  });
});

describe('the typed client', () => {
  const client = async (settings: { internalToken?: string; timeoutMs?: number } = {}) =>
    new LogClient({ url: await log.app.getUrl(), internalToken: log.config.internalToken, ...settings });

  it('knows every filter that the service takes, and no other', async () => {
    const common = {
      event: 'submission',
      channel: 'waba',
      limit: 7,
      production: 'any',
      device: 'x',
    } as const;
    const times = { from: new Date(0), to: Date.now(), deviceId: randomUUID() };
    const cursor = Buffer.from(`1.1000.${randomUUID()}`).toString('base64url');
    const deliveries: Required<DeliveryFilters> = {
      ...common,
      ...times,
      cursor,
      endpointId: randomUUID(),
      eventId: randomUUID(),
      status: 'failed',
      verdict: 'not_sent',
    };
    const events: Required<EventFilters> = {
      ...common,
      ...times,
      cursor,
      sender: 'a',
      reason: 'too_old',
      matched: false,
    };
    const stats: Required<StatsQuery> = {
      bucket: 'day',
      groupBy: 'endpoint',
      from: new Date(),
      to: Date.now() + 60_000,
    };
    const nothing = { items: [], nextCursor: null };
    expect(await (await client()).listDeliveries(deliveries)).toEqual(nothing);
    expect(await (await client()).listEvents(events)).toEqual(nothing);
    expect((await (await client()).stats(stats)).rows).toEqual([]);
  });

  it('walks all pages, and finds one by id', async () => {
    const facts = routed({ endpointIds: Array.from({ length: 5 }, () => randomUUID()) });
    const won = await claim([claimEvent(facts)], 'alive');
    await log.messaging.publish(SUBJECTS.outcome, json(won.map((id) => outcome(id))));
    await waitFor(async () => (await status(won.at(-1)!)) === 'success', within(5_000, 'the rows'));
    const seen: string[] = [];
    for await (const { id } of (await client()).eachDelivery({ eventId: facts.id, limit: 2 })) seen.push(id);
    expect(new Set(seen)).toEqual(new Set(won));
    expect(seen).toHaveLength(5);
    expect((await (await client()).getDelivery(won[0]!)).response?.body).toBe('ok');
    expect((await (await client()).getEvent(facts.id)).matches).toHaveLength(5);
    for await (const { id } of (await client()).eachEvent({ deviceId: facts.deviceId }))
      expect(id).toBe(facts.id);
  });

  it('throws errors that say what is wrong, without the token', async () => {
    const wrong = await client({ internalToken: 'a-wrong-internal-token' });
    const error = await wrong.listDeliveries().catch((thrown: unknown) => thrown as LogClientError);
    expect(error).toMatchObject({ name: 'LogClientError', status: 401, code: 'unauthorized' });
    expect(inspect(error, { depth: 9 })).not.toContain('a-wrong-internal-token');
    await expect((await client()).getDelivery('../stats')).rejects.toMatchObject({ status: 400 });
    await expect((await client()).listDeliveries({ limit: 0 })).rejects.toThrow('limit: ');
    const nowhere = new LogClient({ url: 'http://127.0.0.1:9', internalToken: 'x' });
    await expect(nowhere.stats()).rejects.toMatchObject({ code: 'unreachable', status: undefined });
  });
});

describe('an outage', () => {
  it('of NATS is survived: claims and outcomes go on after it', async () => {
    await log.nats.kill();
    await sleep(500);
    await log.nats.restart();
    await waitFor(() => log.messaging.connected, within(15_000, 'the reconnection'));
    let won: string[] = [];
    const event = claimEvent();
    const token = randomUUID();
    await waitFor(
      async () => {
        won = await claim([event], 'alive', token).catch(() => []);
        return won.length === 1;
      },
      within(15_000, 'a claim'),
    );
    await log.messaging.publish(SUBJECTS.outcome, json([outcome(won[0]!)]));
    await waitFor(async () => (await status(won[0]!)) === 'success', within(20_000, 'the row'));
    const list = await log.get<Page<DeliverySummary>>('/v1/deliveries?limit=1');
    expect(list.body.items[0]!.id).toBe(won[0]);
  }, 60_000);
});
