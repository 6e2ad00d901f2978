import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  BUCKETS,
  type ChannelDescriptor,
  decodeRecords,
  type EventRecord,
  eventId,
} from '@kirisan/contracts';
import { natsUsers, type NatsServer, startTestNats, waitFor } from '@kirisan/local-stack';
import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';
import { createService, loadConfig, SecretBox } from '@kirisan/service';
import type { Channel } from '../channel.js';
import { UnprovenRequestError } from '../errors.js';
import { IngestorConfig } from '../ingestor.config.js';
import { channelService } from '../run-channel.js';
import { asList, asRecord, asString } from '../values/values.js';

// Real: nats-server with each user's own rights, the whole application on a port. The channel is a small one of this test.
const SECRET_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const box = new SecretBox(SECRET_KEYS);

const toy: Channel<{ secret: string }> = {
  descriptor: {
    name: 'toy',
    label: 'Toy',
    events: ['incoming_message'],
    credentials: [{ name: 'secret', label: 'Secret', required: true, secret: true }],
    identity: [],
    setupSteps: [],
    samples: {},
  },
  intake: { maxBodyBytes: 3_000_000 },
  prove(request, devices) {
    const given = request.headers['x-secret'];
    if (!given) throw new UnprovenRequestError(401, 'x-secret is missing');
    const proven = devices.filter(({ credentials }) => credentials.secret === given);
    if (proven.length === 0) throw new UnprovenRequestError(403, 'x-secret is wrong');
    return proven;
  },
  normalise(request, [device]) {
    return asList(asRecord(request.parse())?.['texts']).map((item) => {
      const text = asString(item) ?? '';
      if (text === 'bug') throw new TypeError('a bug');
      const contentOnly = text.startsWith('again') ? true : undefined;
      return {
        id: eventId('toy', [device!.id, text]),
        contentOnly,
        device,
        sender: `62\0${'x'.repeat(1_000)}`,
        body: {
          event: 'incoming_message',
          sender: { sender: '62', name: '', details: {} },
          message: { type: 'text', text },
          metadata: {},
          timestamp: 1_770_000_000,
        },
      };
    });
  },
};

let nats: NatsServer;
let admin: Messaging;
let app: NestFastifyApplication;
let base: string;

async function startApp(environment: Record<string, string> = {}): Promise<[NestFastifyApplication, string]> {
  const service = channelService(toy);
  const { host } = new URL(nats.url);
  const config = loadConfig(IngestorConfig, {
    NATS_URL: `nats://${host}`,
    NATS_USER: 'ingestor-toy',
    NATS_PASSWORD: 'pw-ingestor-toy',
    INTERNAL_TOKEN: 'internal-token-of-tests',
    SECRET_KEYS,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'fatal',
    PUBLIC_URL: 'https://hooks.example.com/',
    ...environment,
  });
  const started = await createService(service, config);
  await started.listen(0, '127.0.0.1');
  return [started, await started.getUrl()];
}

async function putDevice(id: string, ingestKey: string, secret: string, sealedFor = id): Promise<void> {
  const entry = {
    deviceId: id,
    token: `token-${id}`,
    channel: 'toy',
    name: id,
    ingestKey,
    sealedCredentials: box.seal(JSON.stringify({ secret }), `credentials:${sealedFor}`),
  };
  await (await admin.bucket(BUCKETS.credentials)).put(`toy.${id}`, JSON.stringify(entry));
}

const ready = (url: string) =>
  waitFor(async () => (await fetch(`${url}/health/ready`)).status === 200, { timeoutMs: 15_000 });

beforeAll(async () => {
  const users = natsUsers(['ingestor-toy'], (service) => `pw-${service}`);
  nats = await startTestNats({ users: [{ user: 'admin', password: 'pw' }, ...users] });
  admin = new Messaging(await connectNats({ natsUrl: nats.url, natsUser: '', natsPassword: '' }));
  await applyTopology(admin, { replicas: 1 });
  await putDevice('d1', 'key-one', 's1');
  [app, base] = await startApp();
  await ready(base);
}, 60_000);

afterAll(async () => {
  await app?.close();
  await admin?.close();
  await nats?.stop();
});

beforeEach(async () => {
  await (await admin.manager()).streams.purge('EVENTS');
});

interface Post {
  key?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  method?: string;
  url?: string;
}

const texts = (...values: string[]) => JSON.stringify({ texts: values });

function send({ key = 'key-one', headers = {}, body, method = 'POST', url = base }: Post): Promise<Response> {
  return fetch(`${url}/webhooks/toy/${key}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-secret': 's1', ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

async function stored(): Promise<EventRecord[]> {
  const streams = (await admin.manager()).streams;
  const { state } = await streams.info('EVENTS');
  const records: EventRecord[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await streams.getMessage('EVENTS', { seq });
    if (message) records.push(...decodeRecords(message.data));
  }
  return records;
}

describe('answers', () => {
  it('says 200 when the event is in the stream, with its facts and payload', async () => {
    const answer = await send({ body: texts('hello') });
    expect([answer.status, await answer.json()]).toEqual([200, { events: 1 }]);
    const [record] = await stored();
    expect(record!.facts).toEqual({
      id: eventId('toy', ['d1', 'hello']),
      type: 'incoming_message',
      channel: 'toy',
      deviceId: 'd1',
      deviceToken: 'token-d1',
      sender: expect.stringMatching(/^62\ufffdx{197}$/),
      acceptedAt: expect.any(Number),
      production: true,
    });
    expect(Buffer.from(record!.payload).toString()).toBe(
      '{"event":"incoming_message","device":"token-d1","channel":"toy","sender":{"sender":"62","name":"","details":{}},' +
        '"message":{"type":"text","text":"hello"},"metadata":{},"timestamp":1770000000,"production":true}',
    );
  });

  it('says 200 to a genuine request that holds nothing', async () => {
    expect((await send({ body: '{}' })).status).toBe(200);
    expect(await stored()).toEqual([]);
  });

  const nested = `{"texts":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  it.each<[string, number, RegExp, Post]>([
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
    ['too large', 413, /./, { body: texts('x'.repeat(3_000_000)) }],
    ['too long a URL', 414, /too long/, { key: `key-one?${'a'.repeat(2_100)}`, body: texts('x') }],
    ['a bug of ours', 500, /internal error/, { body: texts('bug') }],
  ])('%s: %i', async (_what, status, message, post) => {
    const answer = await send(post);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({
      code: expect.any(String),
      message: expect.stringMatching(message),
      requestId: expect.any(String),
    });
    expect(await stored()).toEqual([]);
    expect((await send({ body: '{}' })).status).toBe(200);
  });

  it('refuses headers beyond every measure', async () => {
    expect((await send({ headers: { 'x-long': 'a'.repeat(20_000) }, body: texts('x') })).status).toBe(431);
  });

  it('takes 1,000 events of one request, in messages of bounded size', async () => {
    const many = Array.from({ length: 1_000 }, (_, i) => `text ${i} ${'y'.repeat(1_000)}`);
    const answer = await send({ body: texts(...many) });
    expect(await answer.json()).toEqual({ events: 1_000 });
    const records = await stored();
    expect(new Set(records.map(({ facts }) => facts.id)).size).toBe(1_000);
    const { state } = await (await admin.manager()).streams.info('EVENTS');
    expect(state.messages).toBeGreaterThanOrEqual(1_000 / 64);
    expect(state.messages).toBeLessThan(40);
  });

  it('records an event that is too large for delivery with its size instead of its payload', async () => {
    expect((await send({ body: texts('z'.repeat(600_000)) })).status).toBe(200);
    const [record] = await stored();
    expect(record!.facts.tooLargeBytes).toBeGreaterThan(600_000);
    expect(Buffer.from(record!.payload).toString()).toBe('null');
  });
});

describe('identity by content alone', () => {
  it('gives a hundred copies at once one id, and other contents others', async () => {
    const copies = Array.from({ length: 100 }, () => send({ body: texts('again yes') }));
    const statuses = (await Promise.all(copies)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    await send({ body: texts('again no') });
    const ids = (await stored()).map(({ facts }) => facts.id);
    expect(ids).toHaveLength(101);
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain(eventId('toy', ['d1', 'again yes']));
  });

  it('gives another copy of the service the same id', async () => {
    const [second, url] = await startApp();
    try {
      await ready(url);
      await Promise.all([send({ body: texts('again both') }), send({ url, body: texts('again both') })]);
      expect(new Set((await stored()).map(({ facts }) => facts.id)).size).toBe(1);
    } finally {
      await second.close();
    }
  });
});

describe('devices', () => {
  it('come, change and go while the service runs', async () => {
    expect((await send({ key: 'key-new', body: '{}' })).status).toBe(404);
    await putDevice('d9', 'key-new', 's1');
    await waitFor(async () => (await send({ key: 'key-new', body: '{}' })).status === 200, {
      timeoutMs: 5_000,
    });
    await putDevice('d9', 'key-newer', 's1');
    await waitFor(async () => (await send({ key: 'key-new', body: '{}' })).status === 404, {
      timeoutMs: 5_000,
    });
    expect((await send({ key: 'key-newer', body: '{}' })).status).toBe(200);
    await (await admin.bucket(BUCKETS.credentials)).delete('toy.d9');
    await waitFor(async () => (await send({ key: 'key-newer', body: '{}' })).status === 404, {
      timeoutMs: 5_000,
    });
  });

  it('share a URL: the secret decides whose request it is', async () => {
    await putDevice('a', 'key-shared', 'sa');
    await putDevice('b', 'key-shared', 'sb');
    await waitFor(
      async () =>
        (await send({ key: 'key-shared', headers: { 'x-secret': 'sb' }, body: '{}' })).status === 200,
      {
        timeoutMs: 5_000,
      },
    );
    await send({ key: 'key-shared', headers: { 'x-secret': 'sb' }, body: texts('x') });
    expect((await stored())[0]!.facts.deviceId).toBe('b');
  });

  it('whose credentials can not be opened are asked for again, not refused', async () => {
    await putDevice('broken', 'key-broken', 's1', 'another device');
    await waitFor(async () => (await send({ key: 'key-broken', body: '{}' })).status === 503, {
      timeoutMs: 5_000,
    });
  });

  it('tell their health: at once when it changes', async () => {
    const bucket = await admin.bucket(BUCKETS.deviceHealth);
    const state = async () => (await bucket.get('toy.d1'))?.json<{ state: string; lastError?: string }>();
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
    const entry = await (await admin.bucket(BUCKETS.channels)).get('toy');
    expect(entry?.json<ChannelDescriptor>()).toEqual({
      ...toy.descriptor,
      ingestBaseUrl: 'https://hooks.example.com/webhooks/toy',
    });
  });

  it('counts answers and events for Prometheus, and keeps keys out of it', async () => {
    await send({ body: texts('counted') });
    const headers = { authorization: 'Bearer internal-token-of-tests' };
    const text = await (await fetch(`${base}/metrics`, { headers })).text();
    expect(text).toMatch(/kirisan_ingest_requests_total\{status="200"\} \d+/);
    expect(text).toMatch(/kirisan_ingest_events_total\{type="incoming_message"\} \d+/);
    expect(text).not.toContain('key-one');
  });
});

describe('limits', () => {
  it('answers 429 beyond the rate, and goes on in the next second', async () => {
    const [limited, url] = await startApp({ MAX_REQUESTS_PER_SECOND: '5' });
    try {
      await ready(url);
      const statuses = await Promise.all(
        Array.from({ length: 20 }, async () => (await send({ url, body: '{}' })).status),
      );
      expect(new Set(statuses)).toEqual(new Set([200, 429]));
      await waitFor(async () => (await send({ url, body: '{}' })).status === 200, { timeoutMs: 5_000 });
    } finally {
      await limited.close();
    }
  });

  it('ends bodies that drip, and gives their places to others', async () => {
    const [limited, url] = await startApp({ MAX_CONCURRENT_REQUESTS: '2', BODY_TIMEOUT_MS: '1500' });
    const { port } = new URL(url);
    try {
      await ready(url);
      const slow = [0, 1].map(() => drip(Number(port)));
      await waitFor(async () => (await send({ url, body: '{}' })).status === 503, { timeoutMs: 1_400 });
      const answers = await Promise.all(slow);
      for (const answer of answers) expect(answer).toMatch(/^HTTP\/1.1 408 [\s\S]*request_timeout/);
      expect((await send({ url, body: '{}' })).status).toBe(200);
    } finally {
      await limited.close();
    }
  }, 30_000);
});

/** Sends a head and a little of its body for ever; resolves with what came back when the connection ends. */
function drip(port: number): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        'POST /webhooks/toy/key-one HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\nx-secret: s1\r\n\r\n{',
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
    await nats.kill();
    await waitFor(() => !admin.connected, { timeoutMs: 10_000 });
    const refused = await send({ body: texts('during') });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await send({ body: texts('again during') })).status).toBe(503);
    expect((await send({ key: 'key-unknown', body: '{}' })).status).toBe(503);
    expect((await send({ headers: { 'x-secret': 'guess' }, body: '{}' })).status).toBe(403);
    await nats.restart();
    await waitFor(async () => (await send({ body: texts('during') })).status === 200, { timeoutMs: 15_000 });
    await waitFor(() => admin.connected, { timeoutMs: 10_000 });
    expect((await stored()).map(({ facts }) => facts.id)).toContain(eventId('toy', ['d1', 'during']));
  }, 60_000);

  it('answers 503 when the stream is full', async () => {
    const { streams } = await admin.manager();
    const { config, state } = await streams.info('EVENTS');
    await streams.update('EVENTS', { ...config, max_bytes: state.bytes + 10 });
    expect((await send({ body: texts('no room') })).status).toBe(503);
    await streams.update('EVENTS', config);
    expect((await send({ body: texts('no room') })).status).toBe(200);
  });
});
