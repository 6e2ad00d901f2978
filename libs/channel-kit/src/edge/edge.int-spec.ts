import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventId } from '@kirisan/contracts';
import { waitFor } from '@kirisan/local-stack';
import { ChannelApp, type Post } from '../testing/channel-app.js';
import { texts, toy } from '../testing/toy.channel.js';

const app = new ChannelApp(toy);
const send = ({ headers, ...post }: Partial<Post>) =>
  app.send({ key: 'one', ...post, headers: { 'x-secret': 's1', ...headers } });
beforeAll(() => app.start({ one: { secret: 's1' } }), 60_000);
afterAll(() => app.stop());
beforeEach(() => app.clear());

describe('answers', () => {
  it('says 200 when the event is in the stream, with its facts and payload', async () => {
    const answer = await send({ body: texts('hello') });
    expect([answer.status, await answer.json()]).toEqual([200, { events: 1 }]);
    const [record] = await app.stored();
    expect(record!.facts).toEqual({
      id: eventId('toy', ['d-one', 'hello']),
      type: 'incoming_message',
      channel: 'toy',
      deviceId: 'd-one',
      deviceToken: 'token-d-one',
      sender: expect.stringMatching(/^62\ufffdx{197}$/),
      acceptedAt: expect.any(Number),
      production: true,
    });
    expect(Buffer.from(record!.payload).toString()).toBe(
      '{"event":"incoming_message","device":"token-d-one","channel":"toy","sender":{"sender":"62","name":"","details":{}},' +
        '"message":{"type":"text","text":"hello"},"metadata":{},"timestamp":1770000000,"production":true}',
    );
  });

  it('says 200 to a genuine request that holds nothing', async () => {
    expect((await send({ body: '{}' })).status).toBe(200);
    expect(await app.stored()).toEqual([]);
  });

  const nested = `{"texts":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  it.each<[string, number, RegExp, Partial<Post>]>([
    ['no proof', 401, /x-secret is missing/, { headers: { 'x-secret': '' }, body: texts('x') }],
    ['wrong proof', 403, /x-secret is wrong/, { headers: { 'x-secret': 's2' }, body: texts('x') }],
    ['unknown key', 404, /no device/, { key: 'key-two', body: texts('x') }],
    ['a very long key', 404, /./, { key: 'k'.repeat(90), body: texts('x') }],
    ['GET without handshake', 405, /GET is not/, { method: 'GET' }],
    ['PUT', 405, /PUT is not/, { method: 'PUT', body: texts('x') }],
    ['not JSON', 400, /body: is not JSON/, { body: '{"texts":' }],
    ['no body', 400, /body: is empty/, { body: '' }],
    ['not UTF-8', 400, /UTF-8/, { body: Uint8Array.of(0x22, 0xff, 0x22) }],
    ['too deep', 400, /nested deeper/, { body: nested }],
    [
      'a form',
      415,
      /application\/json/,
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' },
    ],
    ['plain text', 415, /application\/json/, { headers: { 'content-type': 'text/plain' }, body: texts('x') }],
    ['a compressed body', 415, /content-encoding/, { headers: { 'content-encoding': 'gzip' }, body: 'x' }],
    ['too large', 413, /./, { body: texts('x'.repeat(3_000_000)) }],
    ['too long a URL', 414, /too long/, { key: `one?${'a'.repeat(2_100)}`, body: texts('x') }],
    ['a bug of ours', 500, /internal error/, { body: texts('bug') }],
  ])('%s: %i', async (_what, status, message, post) => {
    const answer = await send(post);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({
      code: expect.any(String),
      message: expect.stringMatching(message),
      requestId: expect.any(String),
    });
    expect(await app.stored()).toEqual([]);
    expect((await send({ body: '{}' })).status).toBe(200);
  });

  it('reads no body that is sent to anything else', async () => {
    for (const path of [
      '/webhooks/other/one',
      '/webhooks/toy',
      '/webhooks/toy/one/more',
      '/health/live',
      '/',
    ]) {
      const answer = await fetch(app.base + path, {
        method: 'POST',
        headers: { 'x-secret': 's1' },
        body: texts('x'),
      });
      expect([path, answer.status]).toEqual([path, 404]);
    }
    expect(await app.stored()).toEqual([]);
  });

  it('refuses headers beyond every measure', async () => {
    expect((await send({ headers: { 'x-long': 'a'.repeat(20_000) }, body: texts('x') })).status).toBe(431);
  });

  it('takes 1,000 events of one request, in messages of bounded size', async () => {
    const many = Array.from({ length: 1_000 }, (_, i) => `text ${i} ${'y'.repeat(1_000)}`);
    const answer = await send({ body: texts(...many) });
    expect(await answer.json()).toEqual({ events: 1_000 });
    const records = await app.stored();
    expect(new Set(records.map(({ facts }) => facts.id)).size).toBe(1_000);
    const { state } = await (await app.admin.manager()).streams.info('EVENTS');
    expect(state.messages).toBeGreaterThanOrEqual(1_000 / 64);
    expect(state.messages).toBeLessThan(40);
  });

  it('records an event that is too large for delivery with its size instead of its payload', async () => {
    expect((await send({ body: texts('z'.repeat(600_000)) })).status).toBe(200);
    const [record] = await app.stored();
    expect(record!.facts.tooLargeBytes).toBeGreaterThan(600_000);
    expect(Buffer.from(record!.payload).toString()).toBe('null');
  });
});

describe('limits', () => {
  it('answers 429 beyond the rate, and goes on in the next second', async () => {
    const url = await app.startCopy({ MAX_REQUESTS_PER_SECOND: '5' });
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await send({ url, body: '{}' })).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    await waitFor(async () => (await send({ url, body: '{}' })).status === 200, { timeoutMs: 5_000 });
  });

  it('ends bodies that drip, and gives their places to others', async () => {
    const url = await app.startCopy({ MAX_CONCURRENT_REQUESTS: '2', BODY_TIMEOUT_MS: '1500' });
    const { port } = new URL(url);
    const slow = [0, 1].map(() => drip(Number(port)));
    await waitFor(async () => (await send({ url, body: '{}' })).status === 503, { timeoutMs: 1_400 });
    const answers = await Promise.all(slow);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1.1 408 [\s\S]*request_timeout/);
    expect((await send({ url, body: '{}' })).status).toBe(200);
  }, 30_000);
});

/** Sends a head and a little of its body for ever; resolves with what came back when the connection ends. */
function drip(port: number): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        'POST /webhooks/toy/one HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\nx-secret: s1\r\n\r\n{',
      );
    });
    const timer = setInterval(() => socket.write(' '), 100);
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve(answer);
    });
  });
}

// Last: it takes NATS away from everybody.
describe('without NATS', () => {
  it('answers 503 until the event can be stored, and 200 again afterwards', async () => {
    await app.nats.kill();
    await waitFor(() => !app.admin.connected, { timeoutMs: 10_000 });
    const refused = await send({ body: texts('during') });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await send({ body: texts('again during') })).status).toBe(503);
    expect((await send({ key: 'key-unknown', body: '{}' })).status).toBe(503);
    expect((await send({ headers: { 'x-secret': 'guess' }, body: '{}' })).status).toBe(403);
    await app.nats.restart();
    await waitFor(async () => (await send({ body: texts('during') })).status === 200, {
      timeoutMs: 15_000,
    });
    await waitFor(() => app.admin.connected, { timeoutMs: 10_000 });
    expect((await app.stored()).map(({ facts }) => facts.id)).toContain(eventId('toy', ['d-one', 'during']));
  }, 60_000);

  it('answers 503 when the stream is full', async () => {
    const { streams } = await app.admin.manager();
    const { config, state } = await streams.info('EVENTS');
    await streams.update('EVENTS', { ...config, max_bytes: state.bytes + 10 });
    expect((await send({ body: texts('no room') })).status).toBe(503);
    await streams.update('EVENTS', config);
    expect((await send({ body: texts('no room') })).status).toBe(200);
  });
});
