import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ActivateReply, BUCKETS, SUBJECTS } from '@kirisan/contracts';
import { Directory } from '@kirisan/directory';
import { botDevice, type Json, RegistryHarness } from '../testing/registry-harness.js';

let registry: RegistryHarness;
let bot: Json;

beforeAll(async () => {
  registry = await RegistryHarness.start();
  await registry.startCopy();
  bot = await registry.ok('POST', '/v1/devices', botDevice());
}, 60_000);

afterAll(() => registry?.stop());

const create = () =>
  registry.ok('POST', '/v1/endpoints', {
    name: 'CRM',
    url: 'https://crm.example.com',
    events: ['incoming_message'],
    deviceIds: [bot.id],
  });

async function activate(endpointId: string, revision: number): Promise<ActivateReply> {
  const request = Buffer.from(JSON.stringify({ endpointId, revision }));
  const reply = await registry.admin.request(SUBJECTS.activate, request, { timeoutMs: 5_000 });
  return JSON.parse(Buffer.from(reply).toString()) as ActivateReply;
}

const statusOf = async (id: string) => (await registry.ok('GET', `/v1/endpoints/${id}`)).status;

describe('the first message to a pending endpoint', () => {
  it('makes it active, visibly in the revision that is answered', async () => {
    const { id } = await create();
    const { active, directoryRevision } = await activate(id, 1);
    expect([active, await statusOf(id)]).toEqual([true, 'active']);
    const directory = new Directory(registry.admin);
    directory.start();
    expect(await directory.atRevision(directoryRevision, 5_000)).toBe(true);
    expect(directory.endpoint(id)!.status).toBe('active');
    await directory.stop();
  });

  it('does so once, however many routers ask', async () => {
    const { id } = await create();
    const replies = await Promise.all(Array.from({ length: 10 }, () => activate(id, 1)));
    expect(replies.every(({ active }) => active)).toBe(true);
    expect((await registry.stored(BUCKETS.directory, `endpoint.${id}`)).revision).toBe(2);
    expect((await activate(id, 1)).active).toBe(true);
  });

  it('does not activate another URL than the router saw', async () => {
    const { id } = await create();
    await registry.ok('PATCH', `/v1/endpoints/${id}`, { url: 'https://other.example.com' });
    expect((await activate(id, 1)).active).toBe(false);
    expect(await statusOf(id)).toBe('pending_test');
    await registry.ok('PATCH', `/v1/endpoints/${id}`, { name: 'New' });
    expect((await activate(id, 2)).active).toBe(true);
  });

  it('does not resume a paused one', async () => {
    const { id } = await create();
    await registry.ok('POST', `/v1/endpoints/${id}/pause`);
    expect((await activate(id, 2)).active).toBe(false);
    await registry.ok('POST', `/v1/endpoints/${id}/resume`);
    expect(await statusOf(id)).toBe('pending_test');
  });

  it('is answered for a deleted one', async () => {
    const { id } = await create();
    await registry.ok('DELETE', `/v1/endpoints/${id}`);
    expect((await activate(id, 1)).active).toBe(false);
  });

  it.each(['{}', 'null', 'x', '{"endpointId":"1","revision":1}'])('is refused: %s', async (text) => {
    const asked = registry.admin.request(SUBJECTS.activate, Buffer.from(text), { timeoutMs: 5_000 });
    await expect(asked).rejects.toThrow(/answered/);
  });
});
