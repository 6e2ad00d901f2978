import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKETS, type Outcome, SUBJECTS, type TestReply, type TestRequest } from '@kirisan/contracts';
import { waitFor } from '@kirisan/local-stack';
import { botDevice, type Json, numberDevice, RegistryHarness } from '../testing/registry-harness.js';

let registry: RegistryHarness;
let bot: Json;
let number: Json;
let asked: TestRequest[];
let worker: ((request: TestRequest) => Promise<TestReply>) | undefined;

const outcome = (more: Partial<Outcome> = {}): TestReply => ({
  outcome: {
    id: '11111111-1111-8111-8111-111111111111',
    status: 'success',
    verdict: 'answered',
    httpStatus: 200,
    durationMs: 12,
    responseBody: 'ok',
    startedAt: 1,
    finishedAt: 13,
    ...more,
  },
});

beforeAll(async () => {
  registry = await RegistryHarness.start({ testAnswerMs: 1_000 });
  bot = await registry.ok('POST', '/v1/devices', botDevice({ number: '@bot' }));
  number = await registry.ok('POST', '/v1/devices', numberDevice());
  registry.admin.nc.subscribe(SUBJECTS.test, {
    callback: (_, message) => {
      const request = message.json<TestRequest>();
      asked.push(request);
      void worker?.(request).then((reply) => message.respond(JSON.stringify(reply)));
    },
  });
}, 60_000);

afterAll(() => registry?.stop());

beforeEach(() => {
  asked = [];
  worker = async () => outcome();
});

const create = (more: object = {}) =>
  registry.ok('POST', '/v1/endpoints', {
    name: 'CRM',
    url: 'https://crm.example.com/hook',
    events: ['incoming_message', 'message_status'],
    deviceIds: [bot.id, number.id],
    ...more,
  });
const test = (id: string, more: object = {}) =>
  registry.call('POST', `/v1/endpoints/${id}/test`, { event: 'incoming_message', deviceId: bot.id, ...more });
const statusOf = async (id: string) => (await registry.ok('GET', `/v1/endpoints/${id}`)).status;

describe('a test', () => {
  it('has a worker POST the sample, and activates on success', async () => {
    const { id } = await create({ secret: 's3cret' });
    const { status, body } = await test(id);
    expect([status, body]).toEqual([
      200,
      {
        status: 'success',
        verdict: 'answered',
        httpStatus: 200,
        durationMs: 12,
        responseBody: 'ok',
        error: null,
        deliveryId: '11111111-1111-8111-8111-111111111111',
      },
    ]);
    const [request] = asked;
    expect(request!.endpoint).toMatchObject({
      id,
      name: 'CRM',
      url: 'https://crm.example.com/hook',
      legacySubmission: false,
    });
    expect(request!.endpoint.sealedSecret).toMatch(/^v1\.k1\./);
    expect(request!.facts).toMatchObject({
      type: 'incoming_message',
      channel: 'bots',
      deviceId: bot.id,
      deviceToken: bot.token,
      deviceNumber: '@bot',
      sender: '62811',
      production: false,
      endpointIds: [id],
    });
    const payload = JSON.parse(request!.payload);
    expect(payload).toMatchObject({
      event: 'incoming_message',
      device: bot.token,
      channel: 'bots',
      production: false,
    });
    expect(Math.abs(payload.timestamp - Date.now() / 1_000)).toBeLessThan(5);
    expect(await statusOf(id)).toBe('active');
    await waitFor(
      async () => (await registry.stored(BUCKETS.directory, `endpoint.${id}`)).status === 'active',
      {
        timeoutMs: 1_000,
        intervalMs: 10,
        what: 'routers to see it active',
      },
    );
  });

  it('changes nothing when it fails', async () => {
    const { id } = await create();
    const error = { code: 'connect_refused', message: 'The server refused the connection.' };
    worker = async () =>
      outcome({
        status: 'failed',
        verdict: 'not_sent',
        httpStatus: undefined,
        responseBody: undefined,
        error,
      });
    const { body } = await test(id);
    expect(body).toMatchObject({
      status: 'failed',
      verdict: 'not_sent',
      httpStatus: null,
      responseBody: null,
      error,
    });
    expect(await statusOf(id)).toBe('pending_test');
  });

  it('keeps an active endpoint active when a later one fails', async () => {
    const { id } = await create();
    await test(id);
    worker = async () => outcome({ status: 'failed', httpStatus: 500 });
    await test(id);
    expect(await statusOf(id)).toBe('active');
  });

  it('does not activate a URL that was changed meanwhile, not even back to the same', async () => {
    const { id, url } = await create();
    worker = async () => {
      for (const next of ['https://other.example.com', url])
        await registry.ok('PATCH', `/v1/endpoints/${id}`, { url: next });
      return outcome();
    };
    expect((await test(id)).body.status).toBe('success');
    expect(await statusOf(id)).toBe('pending_test');
  });

  it('activates when anything but the URL was changed meanwhile', async () => {
    const { id } = await create();
    worker = async () => {
      await registry.ok('PATCH', `/v1/endpoints/${id}`, {
        name: 'New',
        secret: 'new',
        events: ['incoming_message'],
      });
      return outcome();
    };
    await test(id);
    expect(await statusOf(id)).toBe('active');
  });

  it('lets a paused endpoint be, until it is resumed', async () => {
    const { id } = await create();
    await registry.ok('POST', `/v1/endpoints/${id}/pause`);
    await test(id);
    expect(await statusOf(id)).toBe('paused');
    await registry.ok('POST', `/v1/endpoints/${id}/resume`);
    expect(await statusOf(id)).toBe('active');
  });

  it('of an endpoint that is deleted meanwhile is answered all the same', async () => {
    const { id } = await create();
    worker = async () => {
      await registry.ok('DELETE', `/v1/endpoints/${id}`);
      return outcome();
    };
    expect((await test(id)).status).toBe(200);
  });

  it('is 503 when no worker answers, or when one could not try', async () => {
    const { id } = await create();
    worker = undefined;
    const silent = await test(id);
    expect([silent.status, silent.body.code]).toEqual([503, 'no_worker']);
    worker = async () => ({ error: { code: 'no_claim', message: 'the log service is away' } });
    const unable = await test(id);
    expect([unable.status, unable.body.code, unable.body.message]).toEqual([
      503,
      'no_claim',
      'the log service is away',
    ]);
    expect(await statusOf(id)).toBe('pending_test');
  });

  it.each([
    [{ event: 'x' }, /^event: must be one of/],
    [{ event: 'submission' }, 'event: this endpoint is not subscribed to submission'],
    [{ event: 'message_status' }, 'event: bots has no message_status; it has incoming_message, submission'],
    [{ deviceId: 'x' }, 'deviceId: must be the id of a device (UUID)'],
    [
      { deviceId: '11111111-1111-4111-8111-111111111111' },
      'deviceId: is not a device that is linked to this endpoint',
    ],
  ])('is refused: %j', async (more, reason) => {
    const { id } = await create();
    const { status, body } = await test(id, more);
    expect(status).toBe(400);
    expect(body.message).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
    expect(asked).toEqual([]);
  });

  it('knows the old event name', async () => {
    const { id } = await create({ events: ['submission.completed'] });
    expect((await test(id, { event: 'submission.completed' })).status).toBe(200);
    expect(asked[0]!.endpoint.legacySubmission).toBe(true);
    expect(JSON.parse(asked[0]!.payload).event).toBe('submission');
  });
});

describe('the sample', () => {
  it('is the exact JSON that a test would send', async () => {
    const { id } = await create();
    const path = `/v1/endpoints/${id}/sample?event=message_status&deviceId=${number.id}`;
    const { status, text } = await registry.call('GET', path);
    await test(id, { event: 'message_status', deviceId: number.id });
    const stamp = /"timestamp":\d+/;
    expect([status, text.replace(stamp, '')]).toEqual([200, asked[0]!.payload.replace(stamp, '')]);
    expect(asked[0]!.facts.sender).toBe('62811');
  });

  it('is refused like a test', async () => {
    const { id } = await create();
    const { status, body } = await registry.call(
      'GET',
      `/v1/endpoints/${id}/sample?event=message_status&deviceId=${bot.id}`,
    );
    expect([status, body.message]).toEqual([
      400,
      'event: bots has no message_status; it has incoming_message, submission',
    ]);
  });
});
