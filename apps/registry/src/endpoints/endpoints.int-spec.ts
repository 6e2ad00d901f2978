import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BUCKETS, LIMITS } from '@kirisan/contracts';
import { secretContext } from '@kirisan/directory';
import { SecretBox } from '@kirisan/service';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import {
  botDevice,
  type Json,
  numberDevice,
  RegistryHarness,
  TEST_KEY,
  uniqueNumber,
} from '../testing/registry-harness.js';

let registry: RegistryHarness;
let bot: Json;
let number: Json;

beforeAll(async () => {
  registry = await RegistryHarness.start({ allowHttp: true, targetAllow: ['127.0.0.1:9000'] });
  bot = await registry.ok('POST', '/v1/devices', botDevice());
  number = await registry.ok('POST', '/v1/devices', numberDevice());
}, 60_000);

afterAll(() => registry?.stop());

const body = (more: object = {}) => ({
  name: 'CRM',
  url: 'https://crm.example.com/hook',
  events: ['incoming_message'],
  deviceIds: [bot.id],
  ...more,
});
const create = (more: object = {}) => registry.ok('POST', '/v1/endpoints', body(more));
const edit = (id: string, patch: object) => registry.ok('PATCH', `/v1/endpoints/${id}`, patch);
const stored = (id: string) => registry.stored(BUCKETS.directory, `endpoint.${id}`);

describe('a new endpoint', () => {
  it('is pending a test and reaches routers and workers', async () => {
    const endpoint = await create({ name: ' CRM ', deviceIds: [number.id, bot.id], secret: 's3cret' });
    expect(endpoint).toEqual({
      id: expect.any(String),
      name: 'CRM',
      url: 'https://crm.example.com/hook',
      hasSecret: true,
      events: ['incoming_message'],
      deviceIds: [number.id, bot.id],
      status: 'pending_test',
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect(await registry.ok('GET', `/v1/endpoints/${endpoint.id}`)).toEqual(endpoint);
    const entry = await stored(endpoint.id);
    expect(entry).toMatchObject({ revision: 1, status: 'pending_test', deviceIds: [number.id, bot.id] });
    expect(new SecretBox(TEST_KEY).open(entry.sealedSecret, secretContext(endpoint.id))).toBe('s3cret');
  });

  it('may have the same URL as another', async () => {
    expect((await create()).id).not.toBe((await create()).id);
  });

  it.each([
    [{ name: '' }, 'name: must not be empty'],
    [{ url: 'not a url' }, 'url: This is not a valid absolute URL.'],
    [{ url: 'ftp://crm.example.com' }, /^url: /],
    [{ url: 'https://user:pass@crm.example.com' }, /^url: /],
    [{ url: 'https://169.254.169.254/' }, 'url: Requests to this address are not allowed.'],
    [{ url: 'https://[::ffff:10.0.0.1]/' }, 'url: Requests to this address are not allowed.'],
    [{ url: 'http://127.0.0.1:9001/' }, 'url: Requests to this address are not allowed.'],
    [{ url: `https://crm.example.com/${'x'.repeat(2_048)}` }, 'url: must be at most 2048 characters long'],
    [{ events: [] }, 'events: must hold at least one event'],
    [{ events: ['reaction'] }, /^events: must be one of incoming_message, submission, message_status/],
    [{ events: 'incoming_message' }, /^events: /],
    [{ events: Array(99).fill('submission') }, 'events: holds too many'],
    [{ deviceIds: [] }, 'deviceIds: must hold at least one device'],
    [{ deviceIds: ['x'] }, 'deviceIds: must hold ids of devices (UUIDs)'],
    [{ secret: 'line\nbreak' }, 'secret: must not contain control characters'],
    [{ secret: 'x'.repeat(513) }, 'secret: must be at most 512 characters long'],
    [{ secret: 'snow ☃' }, /^secret: must be a legal header value/],
    [{ secret: ' padded' }, /^secret: must be a legal header value/],
    [{ status: 'active' }, 'status: property status should not exist'],
  ])('is refused: %j', async (more, reason) => {
    const { status, body: answer } = await registry.call('POST', '/v1/endpoints', body(more));
    expect(status).toBe(400);
    expect(answer.message).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
  });

  it('may lead to what the operator allowed', async () => {
    expect((await create({ url: 'http://127.0.0.1:9000/hook' })).url).toBe('http://127.0.0.1:9000/hook');
  });

  it('needs devices that exist', async () => {
    const id = randomUUID();
    const { status, body: answer } = await registry.call(
      'POST',
      '/v1/endpoints',
      body({ deviceIds: [bot.id, id] }),
    );
    expect([status, answer.message]).toEqual([400, `deviceIds: there is no device ${id}`]);
  });

  it('takes each device once', async () => {
    expect((await create({ deviceIds: [bot.id, bot.id.toUpperCase()] })).deviceIds).toEqual([bot.id]);
  });
});

describe('events', () => {
  it('must be offered by the channel of a linked device', async () => {
    const { status, body: answer } = await registry.call(
      'POST',
      '/v1/endpoints',
      body({ events: ['message_status'] }),
    );
    expect(status).toBe(400);
    expect(answer.message).toMatch(
      /^events: message_status needs at least one linked device of a channel that has it \(numbers\)/,
    );
    expect((await create({ events: ['message_status'], deviceIds: [bot.id, number.id] })).status).toBe(
      'pending_test',
    );
    expect((await create({ events: ['message_status'], deviceIds: [number.id] })).events).toEqual([
      'message_status',
    ]);
  });

  it('are checked when devices change, not when the name does', async () => {
    const endpoint = await create({ events: ['message_status'], deviceIds: [bot.id, number.id] });
    const unlinked = await registry.call('PATCH', `/v1/endpoints/${endpoint.id}`, { deviceIds: [bot.id] });
    expect(unlinked.status).toBe(400);
    expect((await edit(endpoint.id, { name: 'New' })).name).toBe('New');
  });

  it('may be named as old configurations do', async () => {
    const old = await create({ events: ['submission.completed', 'incoming_message'] });
    expect(old.events).toEqual(['incoming_message', 'submission.completed']);
    expect(await stored(old.id)).toMatchObject({
      events: ['incoming_message', 'submission'],
      legacySubmission: true,
    });
    const kept = await edit(old.id, { events: old.events });
    expect(kept.events).toEqual(old.events);
    const both = await create({ events: ['submission.completed', 'submission'] });
    expect(both.events).toEqual(['submission']);
    expect((await stored(both.id)).legacySubmission).toBeUndefined();
  });
});

describe('an edit', () => {
  it('keeps the secret when blank or masked, replaces and removes it', async () => {
    const { id } = await create({ secret: 'one' });
    const sealed = async () => (await stored(id)).sealedSecret;
    const before = await sealed();
    for (const secret of ['', '********', undefined]) {
      expect((await edit(id, { name: 'x', secret })).hasSecret).toBe(true);
      expect(await sealed()).toBe(before);
    }
    await edit(id, { secret: 'two' });
    expect(new SecretBox(TEST_KEY).open(await sealed(), secretContext(id))).toBe('two');
    expect((await edit(id, { secret: null })).hasSecret).toBe(false);
    expect(await sealed()).toBeUndefined();
  });

  it('never shows the secret', async () => {
    const { id } = await create({ secret: 'PLANTED-SECRET' });
    const answers = [
      await registry.call('GET', `/v1/endpoints/${id}`),
      await registry.call('GET', '/v1/endpoints'),
    ];
    expect(JSON.stringify(answers)).not.toContain('PLANTED');
    expect(JSON.stringify(await stored(id))).not.toContain('PLANTED');
  });

  it('raises the revision, also when many are made at the same time', async () => {
    const { id } = await create();
    await Promise.all(Array.from({ length: 10 }, (_, i) => edit(id, { name: `n${i}` })));
    await registry.settled();
    const { revision, name } = await stored(id);
    expect([revision, name]).toEqual([11, (await registry.ok('GET', `/v1/endpoints/${id}`)).name]);
  });

  it('is refused for what is not there', async () => {
    expect((await registry.call('PATCH', `/v1/endpoints/${randomUUID()}`, { name: 'x' })).status).toBe(404);
    expect((await registry.call('DELETE', `/v1/endpoints/${randomUUID()}`)).status).toBe(404);
  });
});

describe('status', () => {
  it('goes back to what it was after a pause', async () => {
    const { id } = await create();
    expect((await registry.ok('POST', `/v1/endpoints/${id}/pause`)).status).toBe('paused');
    expect((await stored(id)).status).toBe('paused');
    expect((await registry.ok('POST', `/v1/endpoints/${id}/resume`)).status).toBe('pending_test');
  });

  it('is not made active by hand', async () => {
    const { id } = await create();
    const refused = await registry.call('PATCH', `/v1/endpoints/${id}`, { status: 'active' });
    expect([refused.status, refused.body.code]).toEqual([409, 'test_required']);
    expect((await registry.call('PATCH', `/v1/endpoints/${id}`, { status: 'pending_test' })).status).toBe(
      400,
    );
    expect((await edit(id, { status: 'paused' })).status).toBe('paused');
    expect((await edit(id, { status: 'active' })).status).toBe('pending_test');
  });
});

describe('a linked device that is deleted', () => {
  it('leaves the endpoint, which then matches nothing', async () => {
    const device = await registry.ok('POST', '/v1/devices', botDevice());
    const { id } = await create({ deviceIds: [device.id] });
    await registry.ok('DELETE', `/v1/devices/${device.id}`);
    expect((await registry.ok('GET', `/v1/endpoints/${id}`)).deviceIds).toEqual([]);
    expect(await stored(id)).toMatchObject({ deviceIds: [], revision: 2 });
    expect((await edit(id, { name: 'Lonely' })).name).toBe('Lonely');
  });
});

describe('a device', () => {
  it('is linked to no more endpoints than one event can reach', async () => {
    const device = await registry.ok('POST', '/v1/devices', botDevice());
    const client = new pg.Client({ connectionString: registry.databaseUrl });
    await client.connect();
    await client.query(
      `WITH made AS (
        INSERT INTO registry.endpoints (id, revision, name, url, url_since, events, status)
        SELECT gen_random_uuid(), 1, 'many', 'https://many.example', 1, '{incoming_message}', 'active'
        FROM generate_series(1, $1) RETURNING id)
      INSERT INTO registry.endpoint_devices SELECT id, $2, 0 FROM made`,
      [LIMITS.matchesPerEvent - 1, device.id],
    );
    await client.end();
    const asked = await Promise.all(
      [1, 2, 3].map(() => registry.call('POST', '/v1/endpoints', body({ deviceIds: [device.id] }))),
    );
    expect(asked.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });
});

describe('the list of endpoints', () => {
  it('is searched, filtered and paged', async () => {
    const tag = uniqueNumber();
    const device = await registry.ok('POST', '/v1/devices', numberDevice());
    const one = await create({ name: `${tag} one` });
    const two = await create({ name: `${tag} two`, deviceIds: [device.id], events: ['submission'] });
    await registry.ok('POST', `/v1/endpoints/${two.id}/pause`);
    const ids = async (query: string) =>
      (await registry.ok('GET', `/v1/endpoints?search=${tag}&${query}`)).items.map(
        ({ id }: { id: string }) => id,
      );
    expect(await ids('')).toEqual([two.id, one.id]);
    expect(await ids('status=paused')).toEqual([two.id]);
    expect(await ids('channel=numbers')).toEqual([two.id]);
    expect(await ids('event=incoming_message')).toEqual([one.id]);
    expect(await ids(`deviceId=${device.id}`)).toEqual([two.id]);
    expect(await ids(`deviceId=${device.id}&channel=bots`)).toEqual([]);
    const first = await registry.ok('GET', `/v1/endpoints?search=${tag}&limit=1`);
    expect(await ids(`limit=1&cursor=${first.nextCursor}`)).toEqual([one.id]);
    expect(first.items[0].deviceIds).toEqual([device.id]);
  });
});
