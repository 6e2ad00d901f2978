import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  BUCKETS,
  type BucketSpec,
  CONSUMERS,
  inboxPrefix,
  natsPermissions,
  serviceAccess,
  STREAMS,
  SUBJECTS,
} from '@kirisan/contracts';
import { type NatsServer, startTestNats } from '@kirisan/local-stack';
import {
  applyTopology,
  connectNats,
  ConsumerCare,
  covers,
  Lease,
  Messaging,
  StreamReader,
} from '@kirisan/messaging';
import { AckPolicy } from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import { BucketWatch } from './watch/bucket-watch.js';
import { BucketWriter } from './write/bucket-writer.js';

const SERVICES = [
  'registry',
  'router',
  'delivery-worker',
  'log-service',
  'ingestor-waba',
  'ingestor-telegram',
];
const ADMIN = { user: 'admin', password: 'admin' };
const bytes = (text: string) => Buffer.from(text);

let server: NatsServer;
let admin: Messaging;
const open: Messaging[] = [];

async function connectAs(user: string): Promise<Messaging> {
  const url = server.url.replace(/\/\/.*@/, '//');
  const messaging = new Messaging(await connectNats({ natsUrl: url, natsUser: user, natsPassword: user }));
  open.push(messaging);
  return messaging;
}

const bucketNamed = (name: string): BucketSpec => Object.values(BUCKETS).find((spec) => spec.name === name)!;
/** A key that a pattern of keys covers. */
const keyOf = (pattern: string) => pattern.replace(/^>$/, 'some.key').replace('>', 'x').replace('*', 'x');

/** Resolves with whether the bucket could be watched for these keys. */
async function watches(messaging: Messaging, bucket: string, keys: string): Promise<boolean> {
  const watch = new BucketWatch({ messaging, bucket: bucketNamed(bucket), keys, read: (json) => json });
  watch.start();
  const result = await Promise.race([watch.caughtUp().then(() => true), sleep(600, false)]);
  void watch.stop();
  return result;
}

async function writes(messaging: Messaging, bucket: string, key: string): Promise<boolean> {
  const existing = await new BucketWriter(admin, bucketNamed(bucket)).read(key);
  const put = new BucketWriter(messaging, bucketNamed(bucket)).put(key, {}, existing.revision);
  return settles(put);
}

/** A refused publish gets no answer at all, so refusals are told from slowness by a short wait. */
async function settles(work: Promise<unknown>): Promise<boolean> {
  return Promise.race([work.then(() => true).catch(() => false), sleep(600, false)]);
}

beforeAll(async () => {
  Logger.overrideLogger(false);
  const users = SERVICES.map((service) => ({
    user: service,
    password: service,
    ...natsPermissions(service),
    allowResponses: true,
  }));
  server = await startTestNats({ users: [ADMIN, ...users] });
  admin = await connectAs('admin');
  await applyTopology(admin, { replicas: 1 });
}, 60_000);

afterAll(async () => {
  await Promise.all(open.map((messaging) => messaging.close()));
  await server?.stop();
});

describe.each(SERVICES)('the NATS user of %s', (service) => {
  const access = serviceAccess(service);
  let messaging: Messaging;

  beforeAll(async () => {
    messaging = await connectAs(service);
  });

  it('reads and watches its buckets', async () => {
    for (const { bucket, keys } of access.reads) {
      const key = keyOf(keys);
      const writer = new BucketWriter(admin, bucketNamed(bucket));
      await writer.put(key, { seen: true }, (await writer.read(key)).revision);
      expect([bucket, keys, await watches(messaging, bucket, keys)]).toEqual([bucket, keys, true]);
      expect(JSON.parse((await new BucketWriter(messaging, bucketNamed(bucket)).read(key)).text!)).toEqual({
        seen: true,
      });
    }
  });

  it('gets single keys, and watches none of them', async () => {
    for (const { bucket, keys } of access.gets) {
      const key = keyOf(keys);
      const writer = new BucketWriter(admin, bucketNamed(bucket));
      await writer.put(key, { seen: true }, (await writer.read(key)).revision);
      expect((await new BucketWriter(messaging, bucketNamed(bucket)).read(key)).text).toBe('{"seen":true}');
      expect([bucket, keys, await watches(messaging, bucket, keys)]).toEqual([bucket, keys, false]);
    }
  });

  it('writes its buckets', async () => {
    for (const { bucket, keys } of access.writes) {
      expect([bucket, keys, await writes(messaging, bucket, keyOf(keys))]).toEqual([bucket, keys, true]);
    }
  });

  it('reads no bucket and no key beyond those', async () => {
    const others = Object.values(BUCKETS)
      .map(({ name }) => name)
      .filter((name) => !access.reads.some(({ bucket, keys }) => bucket === name && keys === '>'));
    const seen = others.map(async (name) => {
      const read = settles(new BucketWriter(messaging, bucketNamed(name)).read('other.key'));
      return [name, await watches(messaging, name, '>'), await read];
    });
    expect(await Promise.all(seen)).toEqual(others.map((name) => [name, false, false]));
  }, 30_000);

  it('writes no bucket and no key beyond those', async () => {
    for (const { name } of Object.values(BUCKETS)) {
      if (access.writes.some(({ bucket, keys }) => bucket === name && keys === '>')) continue;
      expect([name, await writes(messaging, name, 'other.key')]).toEqual([name, false]);
    }
  }, 30_000);

  it('publishes what it produces and nothing else', async () => {
    const candidates = [
      SUBJECTS.events('waba'),
      SUBJECTS.events('telegram'),
      SUBJECTS.routed,
      SUBJECTS.parked('e'),
      SUBJECTS.outcome,
      SUBJECTS.unmatched,
      ...Object.keys(STREAMS).map(SUBJECTS.deadLetter),
    ];
    for (const subject of candidates) {
      const allowed = access.publishes.some((pattern) => covers(pattern, subject));
      expect([subject, await settles(messaging.publish(subject, bytes('x')))]).toEqual([subject, allowed]);
    }
  }, 30_000);

  it('can not manage streams, read their messages or hear others', async () => {
    const manager = await messaging.manager();
    const consumer = { durable_name: 'thief', ack_policy: AckPolicy.Explicit, filter_subject: 'events.>' };
    expect(await settles(manager.streams.delete('EVENTS'))).toBe(false);
    expect(await settles(manager.streams.purge('KV_directory'))).toBe(false);
    expect(await settles(manager.streams.getMessage('KV_credentials', { seq: 1 }))).toBe(false);
    expect(await settles(manager.consumers.add('EVENTS', consumer))).toBe(false);
    for (const spec of Object.values(CONSUMERS).filter((one) => !access.consumes.includes(one)))
      expect(await settles(manager.consumers.delete(spec.stream, spec.name))).toBe(false);
    for (const stream of ['EVENTS', 'OUTCOMES'])
      expect(await settles(manager.streams.getMessage(stream, { seq: 1 }))).toBe(false);
    for (const subject of [
      '>',
      SUBJECTS.routed,
      `${inboxPrefix('registry2')}.>`,
      '_INBOX.>',
      '$KV.>',
      '$JS.>',
    ]) {
      let refused = false;
      const subscription = messaging.nc.subscribe(subject, {
        callback: (error) => void (refused ||= error !== null),
      });
      await messaging.nc.flush();
      await sleep(50);
      expect([subject, refused]).toEqual([subject, true]);
      subscription.unsubscribe();
    }
  }, 30_000);
});

describe('rights that need more than one act', () => {
  it('let consumers read and acknowledge their stream', async () => {
    const readers = {
      router: CONSUMERS.router,
      'delivery-worker': CONSUMERS.deliveryWorker,
      'log-service': CONSUMERS.logService,
    };
    for (const [service, spec] of Object.entries(readers)) {
      await (await admin.manager()).streams.purge(spec.stream);
      const subject = spec.filter.replace('>', 'waba');
      await admin.publish(subject, bytes('hello'));
      const messaging = await connectAs(service);
      const got = new Promise<string>((resolve) => {
        const handle = async (_: string, data: Uint8Array) => resolve(Buffer.from(data).toString());
        const reader = new StreamReader({ messaging, spec, concurrency: 1, handle });
        reader.start();
        void sleep(1_000).then(() => reader.stop());
      });
      expect(await got).toBe('hello');
      await sleep(1_200);
      expect((await (await admin.manager()).streams.info(spec.stream)).state.messages).toBe(0);
    }
  }, 30_000);

  it('let each consumer be made again by who reads it', async () => {
    const readers = {
      router: CONSUMERS.router,
      'delivery-worker': CONSUMERS.deliveryWorker,
      'log-service': CONSUMERS.logService,
    };
    for (const [service, spec] of Object.entries(readers)) {
      const messaging = await connectAs(service);
      const manager = await messaging.manager();
      await manager.consumers.delete(spec.stream, spec.name);
      await new ConsumerCare(messaging, spec).look();
      const { config } = await (await admin.manager()).consumers.info(spec.stream, spec.name);
      expect([config.filter_subject, config.max_ack_pending]).toEqual([spec.filter, spec.maxAckPending]);
    }
  });

  it('let the log service look at what waits and remove dead letters, and nobody else', async () => {
    await admin.publish(SUBJECTS.deadLetter('EVENTS'), bytes('x'));
    const { last_seq: seq } = (await (await admin.manager()).streams.info('DEAD_LETTERS')).state;
    for (const service of SERVICES) {
      const manager = await (await connectAs(service)).manager();
      const isIt = service === 'log-service';
      const acts = [
        ...['DELIVERIES', 'PARKED', 'DEAD_LETTERS'].map((stream) =>
          manager.streams.getMessage(stream, { seq }),
        ),
        manager.streams.deleteMessage('DEAD_LETTERS', seq),
      ].map(settles);
      expect([service, await Promise.all(acts)]).toEqual([service, [isIt, isIt, isIt, isIt]]);
      expect(await settles(manager.streams.deleteMessage('PARKED', 1))).toBe(false);
    }
  }, 30_000);

  it.each([
    [SUBJECTS.claim, 'delivery-worker', 'log-service'],
    [SUBJECTS.test, 'registry', 'delivery-worker'],
    [SUBJECTS.activate, 'router', 'registry'],
  ])('let %s be asked by %s and answered by %s', async (subject, asker, answerer) => {
    const serving = await connectAs(answerer);
    serving.nc.subscribe(subject, { callback: (_, message) => void message.respond('yes') });
    await serving.nc.flush();
    const asking = await connectAs(asker);
    const answer = await asking.request(subject, bytes('?'), { timeoutMs: 2_000 });
    expect(Buffer.from(answer).toString()).toBe('yes');
  });

  it('let channels hold a lease, and only their own', async () => {
    const messaging = await connectAs('ingestor-telegram');
    const stop = new AbortController();
    const held = new Promise<boolean>((resolve) => {
      void new Lease(messaging, 'telegram.bot1', 'me').hold(async () => resolve(true), stop.signal);
    });
    const stolen = new Promise<boolean>((resolve) => {
      void new Lease(messaging, 'waba.bot1', 'me').hold(async () => resolve(true), stop.signal);
      void sleep(1_000).then(() => resolve(false));
    });
    expect(await Promise.all([held, stolen])).toEqual([true, false]);
    stop.abort();
  });

  it('do not let a channel read other credentials behind an allowed subject', async () => {
    const messaging = await connectAs('ingestor-waba');
    const manager = await messaging.manager();
    const watch = (filter: object) =>
      manager.consumers.add('KV_credentials', {
        name: 'thief',
        deliver_subject: messaging.newInbox(),
        ack_policy: AckPolicy.None,
        ...filter,
      });
    expect(await settles(watch({ filter_subject: '$KV.credentials.waba.>' }))).toBe(true);
    const forged = {
      stream_name: 'KV_credentials',
      config: { name: 't2', filter_subject: '$KV.credentials.telegram.>' },
    };
    const answers = await Promise.all(
      [forged.config, { name: 't2', filter_subjects: ['$KV.credentials.telegram.>'] }, { name: 't2' }].map(
        (config) =>
          messaging.nc.request(
            '$JS.API.CONSUMER.CREATE.KV_credentials.t2.$KV.credentials.waba.>',
            JSON.stringify({
              ...forged,
              config: { ...config, deliver_subject: messaging.newInbox(), ack_policy: 'none' },
            }),
            { timeout: 2_000 },
          ),
      ),
    );
    for (const answer of answers) expect(answer.json()).toMatchObject({ error: { code: 400 } });
  });
});
