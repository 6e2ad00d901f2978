import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BUCKETS, type DeviceEntry, type EndpointEntry } from '@kirisan/contracts';
import { type NatsServer, startTestNats, waitFor } from '@kirisan/local-stack';
import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';
import { SecretBox } from '@kirisan/service';
import { Logger } from '@nestjs/common';
import { deviceKey, endpointKey, secretContext } from '../keys.js';
import { BucketWriter } from '../write/bucket-writer.js';
import { Directory, openSecret } from './directory.js';

let server: NatsServer;
let messaging: Messaging;
let writer: BucketWriter;
let directory: Directory;

const endpoint = (id: string, more: Partial<EndpointEntry> = {}): EndpointEntry => ({
  id,
  revision: 1,
  name: id,
  url: 'https://crm.example/hook',
  events: ['incoming_message'],
  deviceIds: ['d1'],
  status: 'active',
  ...more,
});

async function put(key: string, value: DeviceEntry | EndpointEntry): Promise<number> {
  return writer.put(key, value, (await writer.read(key)).revision);
}

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestNats();
  messaging = new Messaging(await connectNats({ natsUrl: server.url, natsUser: '', natsPassword: '' }));
  await applyTopology(messaging, { replicas: 1 });
  writer = new BucketWriter(messaging, BUCKETS.directory);
  directory = new Directory(messaging);
  directory.start();
  await directory.caughtUp();
}, 60_000);

afterAll(async () => {
  await directory?.stop();
  await messaging?.close();
  await server?.stop();
});

describe('the directory', () => {
  it('knows devices and endpoints by id', async () => {
    const device: DeviceEntry = { id: 'd1', token: 't1', channel: 'waba', inboundMode: 'webhook' };
    await put(deviceKey('d1'), device);
    const revision = await put(endpointKey('e1'), endpoint('e1'));
    expect(await directory.atRevision(revision, 5_000)).toBe(true);
    expect(directory.device('d1')).toEqual(device);
    expect(directory.endpoint('e1')).toEqual(endpoint('e1'));
    expect([directory.device('nobody'), directory.endpoint('nobody')]).toEqual([undefined, undefined]);
  });

  it('finds a device that its copy does not know yet', async () => {
    const behind = new Directory(messaging);
    const device: DeviceEntry = { id: 'new', token: 't', channel: 'waba', inboundMode: 'webhook' };
    await put(deviceKey('new'), device);
    expect(await behind.findDevice('new')).toEqual(device);
    expect(await behind.findDevice('nobody')).toBeUndefined();
  });

  it('refuses an entry that stands under another key', async () => {
    const revision = await put(endpointKey('mask'), endpoint('e1', { url: 'https://thief.example' }));
    await directory.atRevision(revision, 5_000);
    expect(directory.endpoint('mask')).toBeUndefined();
    expect(directory.endpoint('e1')!.url).toBe('https://crm.example/hook');
  });

  it('keeps the endpoints of every device as a plain list would', async () => {
    const plain = new Map<string, EndpointEntry>();
    const devices = Array.from({ length: 5 }, (_, i) => `p${i}`);
    const ids = Array.from({ length: 12 }, (_, i) => `r${i}`);
    for (let step = 0; step < 300; step++) {
      const id = ids[Math.floor(Math.random() * ids.length)]!;
      if (Math.random() < 0.3 && plain.delete(id)) {
        await writer.remove(endpointKey(id), (await writer.read(endpointKey(id))).revision);
      } else {
        const chosen = devices.filter(() => Math.random() < 0.4);
        const entry = endpoint(id, { revision: step, deviceIds: [...chosen, ...chosen.slice(0, 1)] });
        plain.set(id, entry);
        await put(endpointKey(id), entry);
      }
    }
    const revision = await put(deviceKey('end'), {
      id: 'end',
      token: 't',
      channel: 'waba',
      inboundMode: 'off',
    });
    expect(await directory.atRevision(revision, 5_000)).toBe(true);
    for (const device of devices) {
      const expected = [...plain.values()].filter(({ deviceIds }) => deviceIds.includes(device));
      const found = directory.endpointsOf(device);
      expect(found.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
      expect(found.every((entry) => entry === directory.endpoint(entry.id))).toBe(true);
    }
  });

  it('reads endpoints one by one when a revision does not come in time', async () => {
    await put(endpointKey('late'), endpoint('late'));
    await directory.stop();
    const stale = directory.endpoint('late')?.url;
    await put(endpointKey('late'), endpoint('late', { url: 'https://new.example' }));
    const found = await directory.endpointsAt(1e9, ['late', 'nobody'], 50);
    expect(stale).not.toBe('https://new.example');
    expect([...found].map(([id, { url }]) => [id, url])).toEqual([['late', 'https://new.example']]);
    directory = new Directory(messaging);
    directory.start();
    await directory.caughtUp();
  });

  it('tells of changes of endpoints', async () => {
    const seen: (string | undefined)[][] = [];
    directory.onEndpointChange((change) => seen.push([change.previous?.status, change.endpoint?.status]));
    await put(endpointKey('told'), endpoint('told', { status: 'paused' }));
    await put(endpointKey('told'), endpoint('told'));
    await writer.remove(endpointKey('told'), (await writer.read(endpointKey('told'))).revision);
    await waitFor(() => seen.length === 3, { timeoutMs: 5_000, what: 'three changes' });
    expect(seen).toEqual([
      [undefined, 'paused'],
      ['paused', 'active'],
      ['active', undefined],
    ]);
  });

  it('opens secrets on demand only', () => {
    const box = new SecretBox(`k1:${Buffer.alloc(32, 1).toString('base64')}`);
    const sealedSecret = box.seal('s3cret', secretContext('e1'));
    expect(openSecret(endpoint('e1', { sealedSecret }), box)).toBe('s3cret');
    expect(openSecret(endpoint('e1'), box)).toBeUndefined();
    expect(() => openSecret(endpoint('e2', { sealedSecret }), box)).toThrow(/altered/);
  });
});
