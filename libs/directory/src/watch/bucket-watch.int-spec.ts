import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKETS } from '@kirisan/contracts';
import { type NatsServer, startTestNats, waitFor } from '@kirisan/local-stack';
import { Logger } from '@nestjs/common';
import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';
import { BucketWriter, RevisionConflictError } from '../write/bucket-writer.js';
import { BucketWatch, type Change } from './bucket-watch.js';

interface Item {
  n: number;
}

const BUCKET = BUCKETS.directory;
let server: NatsServer;
let messaging: Messaging;
let writer: BucketWriter;
let watches: BucketWatch<Item>[];
let key: string;
let count = 0;

const connectTo = async () =>
  new Messaging(await connectNats({ natsUrl: server.url, natsUser: '', natsPassword: '' }));

function readItem(json: unknown): Item {
  const { n } = json as Item;
  if (typeof n !== 'number') throw new Error('n is missing');
  return { n };
}

function watch(keys?: string): BucketWatch<Item> {
  const started = new BucketWatch<Item>({ messaging, bucket: BUCKET, keys, read: readItem });
  started.start();
  watches.push(started);
  return started;
}

const write = async (name: string, n: number) => writer.put(name, { n }, (await writer.read(name)).revision);
const remove = async (name: string) => writer.remove(name, (await writer.read(name)).revision);
const until = (what: string, check: () => boolean) =>
  waitFor(check, { timeoutMs: 10_000, intervalMs: 10, what });

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestNats();
  messaging = await connectTo();
  await applyTopology(messaging, { replicas: 1 });
  writer = new BucketWriter(messaging, BUCKET);
}, 60_000);

afterAll(async () => {
  await messaging?.close();
  await server?.stop();
});

beforeEach(() => {
  watches = [];
  key = `k${++count}`;
});

afterEach(async () => {
  await Promise.all(watches.map((each) => each.stop()));
});

describe('a bucket watch', () => {
  it('is caught up on an empty set of keys', async () => {
    const live = watch('nothing.here');
    await live.caughtUp();
    expect(live.size).toBe(0);
  });

  it('holds what was there and follows what comes', async () => {
    const first = await write(`${key}.a`, 1);
    const live = watch(`${key}.>`);
    await live.caughtUp();
    expect([live.get(`${key}.a`), live.revision]).toEqual([{ n: 1 }, first]);
    const second = await write(`${key}.b`, 2);
    expect(await live.atRevision(second, 5_000)).toBe(true);
    await remove(`${key}.a`);
    await until('the removal', () => live.get(`${key}.a`) === undefined);
    expect([...live.entries()]).toEqual([[`${key}.b`, { n: 2 }]]);
  });

  it('tells every change with what was there before', async () => {
    const live = watch(`${key}.>`);
    const changes: Change<Item>[] = [];
    live.onChange((change) => changes.push(change));
    await live.caughtUp();
    await write(`${key}.a`, 1);
    await write(`${key}.a`, 2);
    await remove(`${key}.a`);
    await until('three changes', () => changes.length === 3);
    expect(changes.map(({ value, previous }) => [previous?.n, value?.n])).toEqual([
      [undefined, 1],
      [1, 2],
      [2, undefined],
    ]);
  });

  it('counts garbage as missing and goes on', async () => {
    const bucket = await messaging.bucket(BUCKET);
    await write(`${key}.a`, 1);
    await bucket.put(`${key}.b`, 'no json');
    await bucket.put(`${key}.c`, Uint8Array.of(0xff, 0xfe));
    await bucket.put(`${key}.d`, '{"__proto__":{"n":1}}');
    const live = watch(`${key}.>`);
    await live.caughtUp();
    expect([...live.entries()]).toEqual([[`${key}.a`, { n: 1 }]]);
    await bucket.put(`${key}.a`, 'null');
    await until('the spoilt entry to go', () => live.get(`${key}.a`) === undefined);
    await write(`${key}.b`, 2);
    await until('the mended entry', () => live.get(`${key}.b`)?.n === 2);
  });

  it('survives a listener that throws', async () => {
    const live = watch(`${key}.>`);
    live.onChange(() => {
      throw new Error('a bug');
    });
    await live.caughtUp();
    const revision = await write(`${key}.a`, 1);
    expect(await live.atRevision(revision, 5_000)).toBe(true);
  });

  it('gives up on a revision that does not come', async () => {
    const live = watch(`${key}.>`);
    await live.caughtUp();
    expect(await live.atRevision(1e9, 50)).toBe(false);
  });

  it('copies thousands of keys', async () => {
    await Promise.all(Array.from({ length: 5_000 }, (_, i) => writer.put(`${key}.${i}`, { n: i }, 0)));
    const live = watch(`${key}.>`);
    await live.caughtUp();
    expect(live.size).toBe(5_000);
  });
});

describe('compare and set', () => {
  it('lets one of two writers through', async () => {
    const { revision } = await writer.read(key);
    const results = await Promise.allSettled([1, 2].map((n) => writer.put(key, { n }, revision)));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = results.find((result) => result.status === 'rejected') as PromiseRejectedResult;
    expect(lost.reason).toBeInstanceOf(RevisionConflictError);
  });

  it('holds for removals and for what was removed', async () => {
    const first = await writer.put(key, { n: 1 }, 0);
    const second = await writer.put(key, { n: 2 }, first);
    await expect(writer.remove(key, first)).rejects.toThrow(RevisionConflictError);
    await writer.remove(key, second);
    const removed = await writer.read(key);
    expect(removed.text).toBeUndefined();
    await expect(writer.put(key, { n: 3 }, second)).rejects.toThrow(RevisionConflictError);
    await writer.put(key, { n: 3 }, removed.revision);
    expect((await writer.read(key)).text).toBe('{"n":3}');
  });
});

describe('after a loss', () => {
  it('drops what vanished while the server was away', async () => {
    await write(`${key}.a`, 1);
    await write(`${key}.b`, 1);
    const live = watch(`${key}.>`);
    await live.caughtUp();
    // A purge leaves no mark that a watch could see.
    await (
      await messaging.manager()
    ).streams.purge(`KV_${BUCKET.name}`, { filter: `$KV.${BUCKET.name}.${key}.b` });
    await server.kill();
    await until('the loss to be noticed', () => !live.isCaughtUp);
    await server.restart();
    await waitFor(() => messaging.connected, { timeoutMs: 10_000, what: 'the reconnection' });
    await live.caughtUp();
    expect(live.get(`${key}.b`)).toBeUndefined();
    await write(`${key}.a`, 2);
    await until('a change after the loss', () => live.get(`${key}.a`)?.n === 2);
  }, 30_000);

  it('makes itself anew when its bucket is deleted and made again', async () => {
    await write(`${key}.a`, 1);
    await write(`${key}.b`, 1);
    const live = watch(`${key}.>`);
    const removed: string[] = [];
    live.onChange(({ key: name, value }) => value || removed.push(name));
    await live.caughtUp();
    const manager = await messaging.manager();
    await manager.streams.delete(`KV_${BUCKET.name}`);
    await applyTopology(messaging, { replicas: 1 });
    const revision = await writer.put(`${key}.a`, { n: 9 }, 0);
    await until('the new content', () => live.get(`${key}.a`)?.n === 9 && live.get(`${key}.b`) === undefined);
    expect(removed).toEqual([`${key}.b`]);
    expect(live.revision).toBe(revision);
  }, 30_000);
});
