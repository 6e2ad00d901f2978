import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BUCKETS } from '@kirisan/contracts';
import { botDevice, numberDevice, RegistryHarness, uniqueNumber } from '../testing/registry-harness.js';

let registry: RegistryHarness;

beforeAll(async () => {
  registry = await RegistryHarness.start();
}, 60_000);

afterAll(() => registry?.stop());

const create = (body: object) => registry.ok('POST', '/v1/devices', body);
const refused = async (body: unknown) => {
  const { status, body: answer } = await registry.call('POST', '/v1/devices', body);
  return [status, answer.message];
};

describe('channels', () => {
  it('are those that announced themselves', async () => {
    const { items } = await registry.ok('GET', '/v1/channels');
    expect(items.map(({ name }: { name: string }) => name)).toEqual(['bots', 'numbers']);
  });

  it('are refused by reason', async () => {
    expect(await refused({ channel: 'email', name: 'x' })).toEqual([
      400,
      'channel: email only sends and has no webhook events',
    ]);
    expect(await refused({ channel: 'fax', name: 'x' })).toEqual([
      400,
      'channel: unknown channel; known are bots, numbers',
    ]);
  });

  it('that announce garbage are not offered', async () => {
    await registry.announce('broken', { name: 'broken' });
    await registry.announce('mask', { ...(await registry.ok('GET', '/v1/channels')).items[0] });
    const { items } = await registry.ok('GET', '/v1/channels');
    expect(items).toHaveLength(2);
  });
});

describe('a new device', () => {
  it('is answered with token and ingest URL, its secrets masked', async () => {
    const device = await create(botDevice({ name: ' My bot ', number: '@my_bot' }));
    expect(device).toMatchObject({
      channel: 'bots',
      name: 'My bot',
      number: '@my_bot',
      inboundMode: 'webhook',
      credentials: { botToken: '********', secretToken: '********' },
      health: null,
    });
    expect(device.token).toMatch(/^[\w-]{32}$/);
    expect(device.ingestUrl).toMatch(/^https:\/\/hooks\.example\/bots\/[\w-]{32}$/);
    expect(await registry.ok('GET', `/v1/devices/${device.id}`)).toEqual(device);
  });

  it('shows credentials that are no secret', async () => {
    const device = await create(numberDevice());
    expect(device.credentials).toEqual({
      phoneNumberId: expect.stringMatching(/^\d+$/),
      appSecret: '********',
    });
  });

  it('reaches routers and its channel', async () => {
    const device = await create(botDevice());
    expect(await registry.stored(BUCKETS.directory, `device.${device.id}`)).toEqual({
      id: device.id,
      token: device.token,
      channel: 'bots',
      inboundMode: 'webhook',
    });
    const entry = await registry.stored(BUCKETS.credentials, `bots.${device.id}`);
    expect(entry).toMatchObject({
      deviceId: device.id,
      name: 'Bot',
      ingestKey: device.ingestUrl.split('/').at(-1),
    });
  });

  it.each([
    [{ channel: 'bots' }, 'name: must be a text'],
    [{ channel: 'bots', name: '  ' }, 'name: must not be empty'],
    [{ channel: 'bots', name: 'a\u0000b' }, 'name: must not contain control characters'],
    [{ channel: 'bots', name: 'a\ud800b' }, 'name: must be well-formed Unicode'],
    [{ channel: 'bots', name: 'x'.repeat(121) }, 'name: must be at most 120 characters long'],
    [{ channel: 'bots', name: 'x', extra: 1 }, 'extra: property extra should not exist'],
    [
      { channel: 'bots', name: 'x', inboundMode: null },
      'inboundMode: must be one of webhook, autoreply, off',
    ],
    [{ channel: 'bots', name: 'x' }, 'credentials.botToken: is required'],
    [{ channel: 'bots', name: 'x', credentials: [] }, 'credentials: must be an object'],
    [
      { channel: 'bots', name: 'x', credentials: { botToken: 'nonsense' } },
      /credentials.botToken: must match/,
    ],
    [{ channel: 'bots', name: 'x', credentials: { botToken: 5 } }, 'credentials.botToken: must be a text'],
    [
      { channel: 'bots', name: 'x', credentials: { botToken: '1:a', apiKey: 'k' } },
      /credentials.apiKey: is not a field of this channel; it has botToken, secretToken/,
    ],
    [
      { channel: 'bots', name: 'x', credentials: { botToken: '1:a', secretToken: 'x'.repeat(41) } },
      'credentials.secretToken: must be at most 40 characters long',
    ],
  ])('is refused: %j', async (body, reason) => {
    const [status, message] = await refused(body);
    expect(status).toBe(400);
    expect(message).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
  });

  it('is refused for bodies that are no object at all', async () => {
    for (const body of ['[]', '"x"', 'null', '{', '{"__proto__":{"channel":"bots"},"name":"x"}']) {
      expect([body, (await registry.call('POST', '/v1/devices', body)).status]).toEqual([body, 400]);
    }
  });

  it('needs the internal token', async () => {
    const url = await registry.apps[0]!.getUrl();
    expect((await fetch(`${url}/v1/devices`)).status).toBe(401);
    expect((await fetch(`${url}/openapi.json`)).status).toBe(200);
  });
});

describe('a device', () => {
  it('changes its name, number and mode', async () => {
    const { id } = await create(botDevice({ number: '1' }));
    const changed = await registry.ok('PATCH', `/v1/devices/${id}`, {
      name: 'New',
      number: null,
      inboundMode: 'off',
    });
    expect(changed).toMatchObject({ name: 'New', number: null, inboundMode: 'off' });
    expect(await registry.stored(BUCKETS.directory, `device.${id}`)).toMatchObject({ inboundMode: 'off' });
    const channel = await registry.call('PATCH', `/v1/devices/${id}`, { channel: 'numbers' });
    expect(channel.body.message).toBe('channel: property channel should not exist');
  });

  it('disappears everywhere when it is deleted', async () => {
    const { id } = await create(botDevice());
    await (await registry.admin.bucket(BUCKETS.deviceHealth)).put(`bots.${id}`, '{"state":"ok"}');
    await registry.ok('DELETE', `/v1/devices/${id}`);
    expect((await registry.call('GET', `/v1/devices/${id}`)).status).toBe(404);
    expect((await registry.call('DELETE', `/v1/devices/${id}`)).status).toBe(404);
    expect(await registry.stored(BUCKETS.directory, `device.${id}`)).toBeUndefined();
    expect(await registry.stored(BUCKETS.credentials, `bots.${id}`)).toBeUndefined();
    expect(await registry.stored(BUCKETS.deviceHealth, `bots.${id}`)).toBeUndefined();
  });

  it('shows the health that its channel reports', async () => {
    const { id } = await create(botDevice());
    const health = { state: 'error', lastErrorAt: 1_700_000_000_000, lastError: 'unauthorised' };
    await (await registry.admin.bucket(BUCKETS.deviceHealth)).put(`bots.${id}`, JSON.stringify(health));
    const shown = await registry.ok('GET', `/v1/devices/${id}`);
    expect(shown.health).toEqual({
      state: 'error',
      lastErrorAt: '2023-11-14T22:13:20.000Z',
      lastError: 'unauthorised',
    });
  });

  it('is refused by an id that is none', async () => {
    expect((await registry.call('GET', '/v1/devices/nonsense')).body.message).toBe('id: must be a UUID');
  });
});

describe('the list of devices', () => {
  it('goes through all of them, newest first, stable under new ones', async () => {
    const made: string[] = [];
    const tag = uniqueNumber();
    for (let i = 0; i < 5; i++) made.unshift((await create(botDevice({ name: `${tag} 100%_${i}` }))).id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await registry.ok(
        'GET',
        `/v1/devices?search=${tag}&limit=2${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...page.items.map(({ id }: { id: string }) => id));
      cursor = page.nextCursor;
      await create(botDevice({ name: `${tag} later` }));
    }
    expect(seen).toEqual(made);
    expect(
      (await registry.ok('GET', `/v1/devices?search=${encodeURIComponent('100%_3')}`)).items,
    ).toHaveLength(1);
    expect((await registry.ok('GET', `/v1/devices?search=${encodeURIComponent('100%x3')}`)).items).toEqual(
      [],
    );
  });

  it('filters', async () => {
    const { id } = await create(numberDevice({ inboundMode: 'autoreply' }));
    const { items } = await registry.ok('GET', '/v1/devices?channel=numbers&inboundMode=autoreply');
    expect(items.map((item: { id: string }) => item.id)).toEqual([id]);
  });

  it.each([
    ['limit=0', /^limit: /],
    ['limit=201', /^limit: /],
    ['limit=x', /^limit: /],
    ['cursor=nonsense', 'cursor: is not one that this list gave out'],
    ['inboundMode=x', /^inboundMode: must be one of/],
    ['channel=%00', /^channel: /],
    ['color=red', 'color: property color should not exist'],
  ])('refuses %s', async (query, reason) => {
    const { status, body } = await registry.call('GET', `/v1/devices?${query}`);
    expect(status).toBe(400);
    expect(body.message).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
  });
});
