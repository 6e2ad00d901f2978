import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKETS, type ChannelDescriptor, eventId } from '@kirisan/contracts';
import { waitFor } from '@kirisan/local-stack';
import { ChannelApp, type Post } from '../testing/channel-app.js';
import { texts, toy } from '../testing/toy.channel.js';

const app = new ChannelApp(toy);
const send = ({ headers, ...post }: Partial<Post>) =>
  app.send({ key: 'one', ...post, headers: { 'x-secret': 's1', ...headers } });
beforeAll(() => app.start({ one: { secret: 's1' } }), 60_000);
afterAll(() => app.stop());
beforeEach(() => app.clear());

describe('identity by content alone', () => {
  it('gives a hundred copies at once one id, and other contents others', async () => {
    const copies = Array.from({ length: 100 }, () => send({ body: texts('again yes') }));
    const statuses = (await Promise.all(copies)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    await send({ body: texts('again no') });
    const ids = (await app.stored()).map(({ facts }) => facts.id);
    expect(ids).toHaveLength(101);
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain(eventId('toy', ['d-one', 'again yes']));
  });

  it('gives another copy of the service the same id', async () => {
    const url = await app.startCopy();
    await Promise.all([send({ body: texts('again both') }), send({ url, body: texts('again both') })]);
    expect(new Set((await app.stored()).map(({ facts }) => facts.id)).size).toBe(1);
  });
});

describe('devices', () => {
  it('come, change and go while the service runs', async () => {
    expect((await send({ key: 'key-new', body: '{}' })).status).toBe(404);
    await app.putDevice('d9', 'key-new', { secret: 's1' });
    await waitFor(async () => (await send({ key: 'key-new', body: '{}' })).status === 200, {
      timeoutMs: 5_000,
    });
    await app.putDevice('d9', 'key-newer', { secret: 's1' });
    await waitFor(async () => (await send({ key: 'key-new', body: '{}' })).status === 404, {
      timeoutMs: 5_000,
    });
    expect((await send({ key: 'key-newer', body: '{}' })).status).toBe(200);
    await (await app.admin.bucket(BUCKETS.credentials)).delete('toy.d9');
    await waitFor(async () => (await send({ key: 'key-newer', body: '{}' })).status === 404, {
      timeoutMs: 5_000,
    });
  });

  it('share a URL: the secret decides whose request it is', async () => {
    await app.putDevice('a', 'key-shared', { secret: 'sa' });
    await app.putDevice('b', 'key-shared', { secret: 'sb' });
    await waitFor(
      async () =>
        (await send({ key: 'key-shared', headers: { 'x-secret': 'sb' }, body: '{}' })).status === 200,
      {
        timeoutMs: 5_000,
      },
    );
    await send({ key: 'key-shared', headers: { 'x-secret': 'sb' }, body: texts('x') });
    expect((await app.stored())[0]!.facts.deviceId).toBe('b');
  });

  it('whose credentials can not be opened are asked for again, not refused', async () => {
    await app.putDevice('broken', 'key-broken', { secret: 's1' }, 'another device');
    await waitFor(async () => (await send({ key: 'key-broken', body: '{}' })).status === 503, {
      timeoutMs: 5_000,
    });
  });

  it('tell their health: at once when it changes', async () => {
    const bucket = await app.admin.bucket(BUCKETS.deviceHealth);
    const state = async () => (await bucket.get('toy.d-one'))?.json<{ state: string; lastError?: string }>();
    await send({ body: '{}' });
    await waitFor(async () => (await state())?.state === 'ok', { timeoutMs: 5_000 });
    await send({ headers: { 'x-secret': 'guess' }, body: '{}' });
    await waitFor(async () => (await state())?.state === 'error', { timeoutMs: 5_000 });
    expect((await state())?.lastError).toBe('a request was refused: x-secret is wrong');
    await send({ body: '{}' });
    await waitFor(async () => (await state())?.state === 'ok', { timeoutMs: 5_000 });
  });
});

describe('the channel', () => {
  it('is announced with its public address', async () => {
    const entry = await (await app.admin.bucket(BUCKETS.channels)).get('toy');
    expect(entry?.json<ChannelDescriptor>()).toEqual({
      ...toy.descriptor,
      ingestBaseUrl: 'https://hooks.example.com/webhooks/toy',
    });
  });

  it('counts answers and events for Prometheus, and keeps keys out of it', async () => {
    await send({ body: texts('counted') });
    const headers = { authorization: 'Bearer internal-token-of-tests' };
    const text = await (await fetch(`${app.base}/metrics`, { headers })).text();
    expect(text).toMatch(/kirisan_ingest_requests_total\{status="200"\} \d+/);
    expect(text).toMatch(/kirisan_ingest_events_total\{type="incoming_message"\} \d+/);
    expect(text).not.toContain('/toy/one');
  });
});
