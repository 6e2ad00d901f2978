import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningStack, startStack, waitFor } from '@kirisan/local-stack';
import { callIngestor, fonnteText, metaStatus, metaText, telegramText } from './provider-requests.js';
import { Sink } from './sink.js';
import { StackClient } from './stack-client.js';
import { changeReachesRouters } from './test-bed.js';

// Real: every service as a built process, PostgreSQL, nats-server. Only the providers and the receiver are ours.
interface Device {
  id: string;
  token: string;
  ingestUrl: string;
}
interface Endpoint {
  id: string;
  status: string;
}
interface Delivery {
  id: string;
  matchId: string;
  eventId: string;
  endpointId: string;
  status: string;
  verdict: string;
  httpStatus: number;
  reason: string | null;
}

const SECRET_TOKEN = 'telegram-secret-of-the-test';
const WABA = { phoneNumberId: '106000001', appSecret: 'app-secret-of-the-test' };

const dir = mkdtempSync(join(tmpdir(), 'kirisan-e2e-'));
const sink = new Sink();
let running: RunningStack;
let client: StackClient;
let devices: { whatsapp: Device; telegram: Device; waba: Device };

beforeAll(async () => {
  await sink.start();
  running = await startStack({
    dir,
    ports: 'free',
    durable: false,
    env: { TELEGRAM_API_URL: 'http://127.0.0.1:9', LOG_LEVEL: 'warn' },
  });
  client = new StackClient(running);
  devices = {
    whatsapp: await client.create('/devices', {
      channel: 'whatsapp',
      name: 'Line',
      number: '6281100000001',
      inboundMode: 'webhook',
      credentials: {},
    }),
    telegram: await client.create('/devices', {
      channel: 'telegram',
      name: 'Bot',
      inboundMode: 'webhook',
      credentials: { botToken: '777000111:AAEexampleexampleexampleexampleexam', secretToken: SECRET_TOKEN },
    }),
    waba: await client.create('/devices', {
      channel: 'waba',
      name: 'Number',
      inboundMode: 'webhook',
      credentials: { ...WABA, verifyToken: 'verify-me' },
    }),
  };
}, 180_000);

afterAll(async () => {
  await running?.stop();
  await sink.stop();
  rmSync(dir, { recursive: true, force: true });
}, 90_000);

const createEndpoint = (
  name: string,
  path: string,
  deviceIds: string[],
  events = ['incoming_message'],
  secret?: string,
) =>
  client.create<Endpoint>('/endpoints', {
    name,
    url: sink.url(path),
    events,
    deviceIds,
    ...(secret ? { secret } : {}),
  });

async function createActiveEndpoint(
  name: string,
  path: string,
  deviceIds: string[],
  events?: string[],
  secret?: string,
) {
  const endpoint = await createEndpoint(name, path, deviceIds, events, secret);
  const event = events?.[0] ?? 'incoming_message';
  const test = await client.registry<{ status: string }>('POST', `/endpoints/${endpoint.id}/test`, {
    event,
    deviceId: deviceIds[0],
  });
  expect(test).toMatchObject({ status: expect.any(Number), body: { status: 'success', httpStatus: 200 } });
  await changeReachesRouters();
  return endpoint;
}
const deliveriesOf = (endpointId: string, query = '') =>
  client.all<Delivery>(`/deliveries?endpointId=${endpointId}&production=true${query}`);
const arrivals = (path: string) =>
  sink.at(path).filter(({ headers }) => headers['user-agent'] === 'Kirisan-Webhook/1.0');
const within = (what: string, timeoutMs = 15_000) => ({ what, timeoutMs });

describe('the main job', () => {
  it('takes a WhatsApp message to one POST exactly as the contract says, and to a row', async () => {
    const endpoint = await createActiveEndpoint(
      'CRM',
      '/whatsapp',
      [devices.whatsapp.id],
      ['incoming_message'],
      's3cret value',
    );
    expect(await client.registry('GET', `/endpoints/${endpoint.id}`)).toMatchObject({
      body: { status: 'active', hasSecret: true },
    });
    expect(await callIngestor(devices.whatsapp.ingestUrl, fonnteText(1001, 'Halo 😊'))).toBe(200);
    await waitFor(() => arrivals('/whatsapp').length === 1, within('the POST'));

    const [arrival] = arrivals('/whatsapp');
    expect(arrival!.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Kirisan-Webhook/1.0',
      'x-kirisan-event': 'incoming_message',
      'x-kirisan-device': devices.whatsapp.token,
      'x-webhook-secret': 's3cret value',
    });
    expect(JSON.parse(arrival!.text)).toEqual({
      event: 'incoming_message',
      device: devices.whatsapp.token,
      channel: 'whatsapp',
      sender: {
        sender: '6281100000002',
        name: 'Ani',
        details: expect.objectContaining({
          type: 'personal',
          sender: '6281100000002',
          pushname: 'Ani',
          from_me: false,
        }),
      },
      message: { type: 'text', text: 'Halo 😊' },
      metadata: expect.objectContaining({ inboxid: 1001, isgroup: false, isforwarded: false }),
      timestamp: 1_790_000_000,
      production: true,
    });

    await waitFor(async () => (await deliveriesOf(endpoint.id)).length === 1, within('the row'));
    const [row] = await deliveriesOf(endpoint.id);
    expect(row).toMatchObject({
      status: 'success',
      verdict: 'answered',
      httpStatus: 200,
      matchId: arrival!.headers['webhook-id'],
    });
    const { body: detail } = await client.log<Record<string, never>>(`/deliveries/${row!.id}`);
    expect(detail).toMatchObject({
      request: { body: arrival!.text },
      response: { status: 200, body: '{"ok":true}' },
    });
    expect(JSON.stringify(detail)).not.toContain('s3cret value');
    expect(await client.log(`/events/${row!.eventId}`)).toMatchObject({
      status: 200,
      body: { id: row!.eventId },
    });
  });

  it('activates a pending Telegram endpoint with the first real message, and delivers it', async () => {
    const endpoint = await createEndpoint('Bot endpoint', '/telegram', [devices.telegram.id]);
    expect(endpoint.status).toBe('pending_test');
    await changeReachesRouters();
    expect(await callIngestor(devices.telegram.ingestUrl, telegramText(501, '/start', SECRET_TOKEN))).toBe(
      200,
    );
    await waitFor(() => arrivals('/telegram').length === 1, within('the POST'));
    expect(await client.registry('GET', `/endpoints/${endpoint.id}`)).toMatchObject({
      body: { status: 'active' },
    });
  });

  it('delivers every message and status of one WABA POST', async () => {
    const endpoint = await createActiveEndpoint(
      'WABA',
      '/waba',
      [devices.waba.id],
      ['incoming_message', 'message_status'],
    );
    const wamids = Array.from({ length: 100 }, (_, i) => `wamid.batch${i}`);
    expect(await callIngestor(devices.waba.ingestUrl, metaText(WABA, wamids, 'hi'))).toBe(200);
    expect(await callIngestor(devices.waba.ingestUrl, metaStatus(WABA, 'wamid.out1', 'delivered'))).toBe(200);
    await waitFor(() => arrivals('/waba').length === 101, within('101 POSTs'));
    await waitFor(async () => (await deliveriesOf(endpoint.id)).length === 101, within('101 rows'));
    const status = arrivals('/waba').find(({ headers }) => headers['x-kirisan-event'] === 'message_status');
    expect(JSON.parse(status!.text)).toMatchObject({
      event: 'message_status',
      channel: 'waba',
      device: devices.waba.token,
      recipient: '628220000003',
      message_id: 'wamid.out1',
      status: 'delivered',
      production: true,
    });
  });

  it("adds nothing for a provider's repeat, not even a hundred at once", async () => {
    const endpoint = await createActiveEndpoint('Repeats', '/repeats', [devices.whatsapp.id]);
    const call = fonnteText(2002, 'only once');
    const statuses = await Promise.all(
      Array.from({ length: 100 }, () => callIngestor(devices.whatsapp.ingestUrl, call)),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await callIngestor(devices.whatsapp.ingestUrl, fonnteText(2003, 'the end'))).toBe(200);
    await waitFor(async () => (await deliveriesOf(endpoint.id)).length >= 2, within('both rows'));
    expect(
      arrivals('/repeats')
        .map(({ text }) => (JSON.parse(text) as { message: { text: string } }).message.text)
        .sort(),
    ).toEqual(['only once', 'the end']);
    expect(sink.twice()).toEqual([]);
  });

  it('refuses what is not proven, before anything has an effect', async () => {
    const events = async () => (await client.all('/events')).length;
    const before = await events();
    expect(
      await callIngestor(devices.whatsapp.ingestUrl.replace(/.{6}$/, 'aaaaaa'), fonnteText(1, 'x')),
    ).toBe(404);
    expect([401, 403]).toContain(
      await callIngestor(devices.telegram.ingestUrl, telegramText(1, 'x', 'wrong')),
    );
    const forged = metaText({ ...WABA, appSecret: 'another' }, ['wamid.forged'], 'x');
    expect([401, 403]).toContain(await callIngestor(devices.waba.ingestUrl, forged));
    expect(await events()).toBe(before);
  });

  it('says of every event why it has no match', async () => {
    const lonely = await client.create<Device>('/devices', {
      channel: 'whatsapp',
      name: 'Lonely',
      inboundMode: 'webhook',
      credentials: {},
    });
    const reason = async () =>
      (await client.all<{ reason: string }>(`/events?deviceId=${lonely.id}`)).map((event) => event.reason);
    await callIngestor(lonely.ingestUrl, fonnteText(3001, 'a'));
    await waitFor(async () => (await reason()).includes('no_endpoint'), within('no_endpoint'));
    await createEndpoint('Pending', '/pending', [lonely.id]);
    await changeReachesRouters();
    await callIngestor(lonely.ingestUrl, fonnteText(3002, 'b'));
    await waitFor(async () => (await reason()).includes('endpoints_inactive'), within('endpoints_inactive'));
    await client.registry('PATCH', `/devices/${lonely.id}`, { inboundMode: 'off' });
    await changeReachesRouters();
    await callIngestor(lonely.ingestUrl, fonnteText(3003, 'c'));
    await waitFor(async () => (await reason()).includes('device_mode'), within('device_mode'));
    expect(arrivals('/pending')).toEqual([]);
  });

  it('logs a failure with its verdict, and never follows a redirect', async () => {
    sink.on(
      '/moved',
      (_request, response) => void response.writeHead(302, { location: sink.url('/elsewhere') }).end(),
    );
    const endpoint = await createEndpoint('Moved', '/moved', [devices.whatsapp.id]);
    const test = await client.registry<Record<string, unknown>>('POST', `/endpoints/${endpoint.id}/test`, {
      event: 'incoming_message',
      deviceId: devices.whatsapp.id,
    });
    expect(test.body).toMatchObject({ status: 'failed', httpStatus: 302 });
    expect(await client.registry('GET', `/endpoints/${endpoint.id}`)).toMatchObject({
      body: { status: 'pending_test' },
    });
    expect(sink.at('/elsewhere')).toEqual([]);
    const rows = await client.all<Delivery>(`/deliveries?endpointId=${endpoint.id}&production=false`);
    expect(rows).toMatchObject([{ status: 'failed', verdict: 'answered', httpStatus: 302 }]);
  });
});
