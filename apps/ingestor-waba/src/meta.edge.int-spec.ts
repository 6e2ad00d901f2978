import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { channelService, IngestorConfig } from '@kirisan/channel-kit';
import { BUCKETS, decodeRecords, type EventRecord } from '@kirisan/contracts';
import { natsUsers, type NatsServer, startTestNats, waitFor } from '@kirisan/local-stack';
import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';
import { createService, loadConfig, SecretBox } from '@kirisan/service';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { metaChannel } from './meta.channel.js';

// Real: nats-server with the service's own rights, the whole application on a port. Played: Meta.
const SECRET_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const box = new SecretBox(SECRET_KEYS);
const sample = (name: string) =>
  JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), 'utf8')).body;

let nats: NatsServer;
let admin: Messaging;
let app: NestFastifyApplication;
let base: string;

async function putDevice(
  id: string,
  phoneNumberId: string,
  appSecret: string,
  verifyToken: string,
): Promise<void> {
  const credentials = JSON.stringify({ phoneNumberId, appSecret, verifyToken });
  const entry = {
    deviceId: id,
    token: `token-${id}`,
    channel: 'waba',
    name: id,
    ingestKey: 'one-url',
    sealedCredentials: box.seal(credentials, `credentials:${id}`),
  };
  await (await admin.bucket(BUCKETS.credentials)).put(`waba.${id}`, JSON.stringify(entry));
}

beforeAll(async () => {
  const users = natsUsers(['ingestor-waba'], (service) => `pw-${service}`);
  nats = await startTestNats({ users: [{ user: 'admin', password: 'pw' }, ...users] });
  admin = new Messaging(await connectNats({ natsUrl: nats.url, natsUser: '', natsPassword: '' }));
  await applyTopology(admin, { replicas: 1 });
  await putDevice('d1', '300000000000001', 'secret-a', 'verify-a');
  await putDevice('d2', '300000000000002', 'secret-a', 'verify-a');
  await putDevice('d3', '300000000000003', 'secret-b', 'verify-b');
  const config = loadConfig(IngestorConfig, {
    NATS_URL: `nats://${new URL(nats.url).host}`,
    NATS_USER: 'ingestor-waba',
    NATS_PASSWORD: 'pw-ingestor-waba',
    INTERNAL_TOKEN: 'internal-token-of-tests',
    SECRET_KEYS,
    LOG_LEVEL: 'fatal',
  });
  app = await createService(channelService(metaChannel), config);
  await app.listen(0, '127.0.0.1');
  base = await app.getUrl();
  await waitFor(async () => (await fetch(`${base}/health/ready`)).status === 200);
}, 60_000);
afterAll(async () => {
  await app?.close();
  await admin?.close();
  await nats?.stop();
});
beforeEach(async () => void (await (await admin.manager()).streams.purge('EVENTS')));

function post(body: string, secret = 'secret-a'): Promise<Response> {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return fetch(`${base}/webhooks/waba/one-url`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
    body,
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

describe('the callback URL of a Meta app', () => {
  it('answers the handshake with the bare challenge', async () => {
    const ask = (token: string) =>
      fetch(
        `${base}/webhooks/waba/one-url?hub.mode=subscribe&hub.challenge=115820&hub.verify_token=${token}`,
      );
    const answer = await ask('verify-b');
    expect([answer.status, await answer.text()]).toEqual([200, '115820']);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect((await ask('verify-c')).status).toBe(403);
  });

  it('takes several numbers, fields and kinds in one POST, and records what is for no device', async () => {
    expect((await post(JSON.stringify(sample('batch')))).status).toBe(200);
    const facts = (await stored()).map(({ facts: { type, deviceId, deviceNumber } }) => [
      type,
      deviceId ?? deviceNumber,
    ]);
    expect(facts.sort()).toEqual([
      ['incoming_message', '399999999999999'],
      ['incoming_message', 'd1'],
      ['incoming_message', 'd1'],
      ['incoming_message', 'd1'],
      ['message_status', 'd2'],
    ]);
  });

  it('counts a signature only for the numbers of the app that made it', async () => {
    expect((await post(JSON.stringify(sample('text')), 'secret-b')).status).toBe(200);
    expect((await stored()).map(({ facts }) => facts.deviceId)).toEqual([undefined]);
    expect((await post(JSON.stringify(sample('text')), 'secret-c')).status).toBe(403);
    expect((await fetch(`${base}/webhooks/waba/one-url`, { method: 'POST', body: '{}' })).status).toBe(401);
  });

  it('checks the bytes as they came, whatever escapes they hold', async () => {
    const escaped = JSON.stringify(sample('text')).replace(
      /[^\x20-\x7e]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    const body = escaped.replaceAll('/', '\\/');
    expect((await post(body)).status).toBe(200);
    const [{ payload }] = (await stored()) as [EventRecord];
    expect(JSON.parse(Buffer.from(payload).toString()).message.text).toBe('Hola, ¿tienen stock? 😊');
  });

  it('takes 3 MB with 1,000 updates, and no more than that', async () => {
    const body = sample('text');
    const value = body.entry[0].changes[0].value;
    const [message] = value.messages;
    const text = { body: 'x'.repeat(2_800) };
    value.messages = Array.from({ length: 1_000 }, (_, i) => ({ ...message, id: `wamid.L${i}`, text }));
    const padding = 3 * 1024 * 1024 - Buffer.byteLength(JSON.stringify({ ...body, padding: '' }));
    body.padding = ' '.repeat(padding);
    expect((await post(JSON.stringify(body))).status).toBe(200);
    expect(new Set((await stored()).map(({ facts }) => facts.id)).size).toBe(1_000);
    expect((await post(`${JSON.stringify(body)} `)).status).toBe(413);
  });

  it.each([
    ['other fields', 'another field'],
    ['another product of Meta', 'another product'],
  ])('says 200 to %s, and keeps nothing', async (_, name) => {
    const none = JSON.parse(readFileSync(new URL('../samples/no-event.json', import.meta.url), 'utf8'));
    expect((await post(JSON.stringify(none[name]))).status).toBe(200);
    expect(await stored()).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['half of JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a foreign object', '{"object":7}'],
    ['a nest without end', `${'['.repeat(500)}${']'.repeat(500)}`],
  ])('says 400 to %s', async (_, body) => {
    expect((await post(body)).status).toBe(400);
  });
});
