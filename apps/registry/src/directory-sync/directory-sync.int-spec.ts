import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BUCKETS } from '@kirisan/contracts';
import { BucketWriter, credentialsContext, Directory, RevisionConflictError } from '@kirisan/directory';
import { waitFor } from '@kirisan/local-stack';
import { applyTopology } from '@kirisan/messaging';
import { SecretBox } from '@kirisan/service';
import { botDevice, type Json, RegistryHarness, TEST_KEY } from '../testing/registry-harness.js';

const NEW_KEY = `k2:${Buffer.alloc(32, 2).toString('base64')}`;
const WITHIN_A_SECOND = {
  timeoutMs: 1_000,
  intervalMs: 5,
  what: 'a change to reach routers within a second',
};

let registry: RegistryHarness;
let directory: Directory;
let bot: Json;

beforeAll(async () => {
  registry = await RegistryHarness.start();
  await registry.startCopy();
  directory = new Directory(registry.admin);
  directory.start();
  await directory.caughtUp();
  bot = await registry.ok('POST', '/v1/devices', botDevice());
}, 60_000);

afterAll(async () => {
  await directory?.stop();
  await registry?.stop();
});

const create = (copy = registry.apps[0]) =>
  registry.call('POST', '/v1/endpoints', endpointBody(), copy).then(({ body }) => body);
const endpointBody = () => ({
  name: 'CRM',
  url: 'https://crm.example.com',
  events: ['incoming_message'],
  deviceIds: [bot.id],
});
const storedRevision = async (id: string) =>
  (await registry.stored(BUCKETS.directory, `endpoint.${id}`))?.revision;

describe('every change', () => {
  it('reaches a router within a second, from any copy', async () => {
    for (const copy of registry.apps) {
      const { id } = await create(copy);
      await waitFor(() => directory.endpoint(id) !== undefined, WITHIN_A_SECOND);
      await registry.call('PATCH', `/v1/endpoints/${id}`, { status: 'paused' }, copy);
      await waitFor(() => directory.endpoint(id)?.status === 'paused', WITHIN_A_SECOND);
      await registry.call('PATCH', `/v1/devices/${bot.id}`, { inboundMode: 'off' }, copy);
      await waitFor(() => directory.device(bot.id)?.inboundMode === 'off', WITHIN_A_SECOND);
      await registry.call('PATCH', `/v1/devices/${bot.id}`, { inboundMode: 'webhook' }, copy);
      await registry.call('DELETE', `/v1/endpoints/${id}`, undefined, copy);
      await waitFor(() => directory.endpoint(id) === undefined, WITHIN_A_SECOND);
    }
  });

  it('ends in the newest state, whichever copies make many at the same time', async () => {
    const { id } = await create();
    const edits = Array.from({ length: 40 }, (_, i) =>
      registry.call('PATCH', `/v1/endpoints/${id}`, { name: `n${i}` }, registry.apps[i % 2]),
    );
    expect((await Promise.all(edits)).every(({ status }) => status === 200)).toBe(true);
    await registry.settled();
    const shown = await registry.ok('GET', `/v1/endpoints/${id}`);
    expect(await registry.stored(BUCKETS.directory, `endpoint.${id}`)).toMatchObject({
      revision: 41,
      name: shown.name,
    });
  });

  it('never puts an older state over a newer one, as a writer with an older revision is refused', async () => {
    const { id } = await create();
    const writer = new BucketWriter(registry.admin, BUCKETS.directory);
    const before = await writer.read(`endpoint.${id}`);
    await registry.ok('PATCH', `/v1/endpoints/${id}`, { name: 'newer' });
    await registry.settled();
    await expect(writer.put(`endpoint.${id}`, {}, before.revision)).rejects.toThrow(RevisionConflictError);
  });

  it('is published by another copy when its own is gone', async () => {
    const lonely = await registry.startCopy({ outboxPollMs: 1_000_000 });
    const { id } = await create(lonely);
    await registry.stopCopy(lonely);
    await waitFor(() => directory.endpoint(id) !== undefined, WITHIN_A_SECOND);
  });
});

describe('while NATS is away', () => {
  it('changes are taken, and published when it is back', async () => {
    const { id } = await create();
    await registry.nats.kill();
    const changed = await registry.ok('PATCH', `/v1/endpoints/${id}`, { name: 'meanwhile' });
    const made = await create();
    expect([changed.name, made.status]).toEqual(['meanwhile', 'pending_test']);
    await registry.nats.restart();
    await waitFor(
      () => directory.endpoint(id)?.name === 'meanwhile' && directory.endpoint(made.id) !== undefined,
      {
        timeoutMs: 15_000,
        what: 'the changes after the outage',
      },
    );
    await registry.settled();
  }, 40_000);
});

describe('a bucket', () => {
  it('that lost a key, or has one too many, is mended at the start of a copy', async () => {
    const { id } = await create();
    await registry.settled();
    const bucket = await registry.admin.bucket(BUCKETS.directory);
    await bucket.delete(`endpoint.${id}`);
    await bucket.put('endpoint.00000000-0000-4000-8000-000000000000', '{"stray":true}');
    await bucket.put(`device.${bot.id}`, 'garbage');
    await bucket.put('foreign', '{}');
    await registry.stopCopy(await registry.startCopy());
    await waitFor(async () => (await storedRevision(id)) === 1 && directory.device(bot.id) !== undefined, {
      timeoutMs: 10_000,
      what: 'the mended keys',
    });
    await registry.settled();
    expect(
      await registry.stored(BUCKETS.directory, 'endpoint.00000000-0000-4000-8000-000000000000'),
    ).toBeUndefined();
    expect(await registry.stored(BUCKETS.directory, 'foreign')).toBeUndefined();
  }, 30_000);

  it('that was deleted is filled again as soon as it is made again', async () => {
    const { id } = await create();
    await registry.settled();
    const manager = await registry.admin.manager();
    for (const { name } of [BUCKETS.directory, BUCKETS.credentials])
      await manager.streams.delete(`KV_${name}`);
    await applyTopology(registry.admin, { replicas: 1 });
    const full = async () =>
      (await storedRevision(id)) === 1 &&
      (await registry.stored(BUCKETS.credentials, `bots.${bot.id}`)) !== undefined;
    await waitFor(full, { timeoutMs: 15_000, intervalMs: 50, what: 'the content of the buckets' });
    await waitFor(() => directory.endpoint(id) !== undefined, {
      timeoutMs: 10_000,
      what: 'the router to see it',
    });
  }, 40_000);
});

describe('the rotation of keys', () => {
  it('seals everything with the new key, and hashes of credentials stay comparable', async () => {
    const secret = { ...endpointBody(), secret: 's3cret' };
    const { id } = await registry.ok('POST', '/v1/endpoints', secret);
    await registry.stopCopy(await registry.startCopy({ secretKeys: `${NEW_KEY},${TEST_KEY}` }));
    const sealed = async () => [
      (await registry.stored(BUCKETS.directory, `endpoint.${id}`)).sealedSecret as string,
      (await registry.stored(BUCKETS.credentials, `bots.${bot.id}`)).sealedCredentials as string,
    ];
    await waitFor(async () => (await sealed()).every((text) => text.startsWith('v1.k2.')), {
      timeoutMs: 10_000,
      what: 'everything to be sealed with the new key',
    });
    const onlyNew = await registry.startCopy({ secretKeys: NEW_KEY });
    const shown = await registry.call('GET', `/v1/devices/${bot.id}`, undefined, onlyNew);
    expect(shown.body.credentials.botToken).toBe('********');
    const [, sealedCredentials] = await sealed();
    const { botToken } = JSON.parse(
      new SecretBox(NEW_KEY).open(sealedCredentials!, credentialsContext(bot.id)),
    );
    const again = await registry.call(
      'POST',
      '/v1/devices',
      botDevice({ credentials: { botToken } }),
      onlyNew,
    );
    expect([again.status, again.body.deviceId]).toEqual([409, bot.id]);
  }, 30_000);
});
