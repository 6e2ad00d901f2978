import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BUCKETS } from '@kirisan/contracts';
import { credentialsContext } from '@kirisan/directory';
import { SecretBox } from '@kirisan/service';
import {
  botDevice,
  numberDevice,
  RegistryHarness,
  TEST_KEY,
  uniqueNumber,
} from '../testing/registry-harness.js';

let registry: RegistryHarness;
const box = new SecretBox(TEST_KEY);

beforeAll(async () => {
  registry = await RegistryHarness.start();
}, 60_000);

afterAll(() => registry?.stop());

const create = (body: object) => registry.ok('POST', '/v1/devices', body);

async function credentialsOf(device: { id: string; channel: string }): Promise<Record<string, string>> {
  const entry = await registry.stored(BUCKETS.credentials, `${device.channel}.${device.id}`);
  return JSON.parse(box.open(entry.sealedCredentials, credentialsContext(device.id)));
}

describe('credentials', () => {
  it('can not be used by a second device, and the first is named', async () => {
    const id = uniqueNumber();
    const first = await create(botDevice({ name: 'First', credentials: { botToken: `${id}:one` } }));
    const again = await registry.call(
      'POST',
      '/v1/devices',
      botDevice({ credentials: { botToken: `00${id}:two` } }),
    );
    expect([again.status, again.body.code, again.body.deviceId]).toEqual([
      409,
      'credentials_in_use',
      first.id,
    ]);
    expect(again.body.message).toContain('First');
    const other = await create(botDevice());
    const moved = await registry.call('PATCH', `/v1/devices/${other.id}`, {
      credentials: { botToken: `${id}:x` },
    });
    expect(moved.status).toBe(409);
    expect(
      (await registry.call('PATCH', `/v1/devices/${first.id}`, { credentials: { botToken: `${id}:new` } }))
        .status,
    ).toBe(200);
  });

  it('are given to one of many who ask at the same time', async () => {
    const body = botDevice();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => registry.call('POST', '/v1/devices', body)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
  });

  it('may be used again when their device is gone', async () => {
    const body = botDevice();
    const { id } = await create(body);
    expect((await registry.call('DELETE', `/v1/devices/${id}`)).status).toBe(204);
    await create(body);
  });

  it('are kept, changed and removed by an edit', async () => {
    const device = await create(
      numberDevice({
        credentials: { phoneNumberId: uniqueNumber(), appSecret: 's1', accessToken: 'a1', note: 'n1' },
      }),
    );
    const edit = (credentials: object) => registry.ok('PATCH', `/v1/devices/${device.id}`, { credentials });
    await edit({});
    await edit({ appSecret: '', accessToken: '********' });
    expect(await credentialsOf(device)).toMatchObject({ appSecret: 's1', accessToken: 'a1', note: 'n1' });
    await edit({ appSecret: 's2', accessToken: null, note: '' });
    const after = await credentialsOf(device);
    expect(after).toEqual({ phoneNumberId: device.credentials.phoneNumberId, appSecret: 's2' });
    const missing = await registry.call('PATCH', `/v1/devices/${device.id}`, {
      credentials: { appSecret: null },
    });
    expect([missing.status, missing.body.message]).toEqual([400, 'credentials.appSecret: is required']);
  });

  it('that the server makes are made again when removed', async () => {
    const device = await create(botDevice());
    const before = await credentialsOf(device);
    await registry.ok('PATCH', `/v1/devices/${device.id}`, { credentials: { secretToken: null } });
    const after = await credentialsOf(device);
    expect(after.secretToken).toMatch(/^[\w-]{22}$/);
    expect(after.secretToken).not.toBe(before.secretToken);
    expect(after.botToken).toBe(before.botToken);
  });

  it('never leave in an answer, the tables or the buckets', async () => {
    const secret = 'PLANTED-SECRET';
    const device = await create(
      numberDevice({ credentials: { phoneNumberId: uniqueNumber(), appSecret: secret } }),
    );
    const answers = [
      await registry.call('GET', `/v1/devices/${device.id}`),
      await registry.call('GET', '/v1/devices'),
      await registry.call('PATCH', `/v1/devices/${device.id}`, { credentials: { note: 7 } }),
    ];
    expect(JSON.stringify(answers)).not.toContain(secret);
    expect(JSON.stringify(await registry.stored(BUCKETS.credentials, `numbers.${device.id}`))).not.toContain(
      secret,
    );
  });
});

describe('an ingest URL', () => {
  it('is shared by the numbers of one provider app, whoever comes first', async () => {
    const appSecret = uniqueNumber();
    const body = () => numberDevice({ credentials: { phoneNumberId: uniqueNumber(), appSecret } });
    const devices = await Promise.all([create(body()), create(body()), create(body())]);
    expect(new Set(devices.map(({ ingestUrl }) => ingestUrl)).size).toBe(1);
    const other = await create(
      numberDevice({ credentials: { phoneNumberId: uniqueNumber(), appSecret: 'other' } }),
    );
    expect(other.ingestUrl).not.toBe(devices[0].ingestUrl);
  });

  it('stays when the provider app renews its secret', async () => {
    const [before, after] = [uniqueNumber(), uniqueNumber()];
    const body = () => numberDevice({ credentials: { phoneNumberId: uniqueNumber(), appSecret: before } });
    const [one, two] = [await create(body()), await create(body())];
    for (const { id } of [one, two]) {
      const changed = await registry.ok('PATCH', `/v1/devices/${id}`, { credentials: { appSecret: after } });
      expect(changed.ingestUrl).toBe(one.ingestUrl);
    }
  });
});
