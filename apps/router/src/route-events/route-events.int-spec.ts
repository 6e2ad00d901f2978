import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ActivateRequest,
  BUCKETS,
  type RoutedFacts,
  SUBJECTS,
  type UnmatchedFacts,
} from '@kirisan/contracts';
import { waitFor } from '@kirisan/local-stack';
import { event, RouterHarness } from '../testing/router-harness.js';

const harness = new RouterHarness();
const asked: ActivateRequest[] = [];
let registryAnswers: ((request: ActivateRequest) => Promise<object>) | undefined;

beforeAll(async () => {
  await harness.start();
  harness.admin.nc.subscribe(SUBJECTS.activate, {
    callback: (_, message) => {
      const request = message.json<ActivateRequest>();
      asked.push(request);
      void registryAnswers?.(request).then((reply) => message.respond(JSON.stringify(reply)));
    },
  });
}, 60_000);

afterAll(() => harness.stop());

beforeEach(async () => {
  await harness.clear();
  await harness.forgetEndpoints();
  asked.length = 0;
  registryAnswers = undefined;
  await harness.device('d1');
});

const settled = () =>
  waitFor(async () => (await harness.waiting()) === 0, {
    timeoutMs: 15_000,
    intervalMs: 25,
    what: 'all to be routed',
  });
const routedFacts = async (count: number) =>
  (await harness.outgoing('DELIVERIES', count)).map(({ facts }) => facts as RoutedFacts);
const reasons = async (count: number) =>
  (await harness.outgoing('OUTCOMES', count)).map(({ facts }) => (facts as UnmatchedFacts).reason);

describe('the router', () => {
  it('publishes one record an event with all of its matches, its bytes untouched', async () => {
    await harness.endpoint('e1');
    await harness.endpoint('e2', { deviceIds: ['d1', 'd2'] });
    const revision = await harness.endpoint('e3', { events: ['submission'] });
    const hostile = event({}, { text: 'a\u2028\0 \ud800 😀', big: '12345678901234567890' });
    await harness.accept(hostile);
    const [record] = await harness.outgoing('DELIVERIES', 1);
    expect(record!.facts).toEqual({
      ...hostile.facts,
      endpointIds: ['e1', 'e2'],
      directoryRevision: expect.any(Number),
    });
    expect((record!.facts as RoutedFacts).directoryRevision).toBeGreaterThanOrEqual(revision);
    expect(Buffer.from(record!.payload).equals(Buffer.from(hostile.payload))).toBe(true);
    await settled();
  });

  it('tells why an event has no match', async () => {
    await harness.device('off', { inboundMode: 'off' });
    await harness.device('auto', { inboundMode: 'autoreply' });
    await harness.device('alone');
    await harness.device('sub');
    await harness.endpoint('s1', {
      deviceIds: ['sub', 'off', 'auto'],
      events: ['submission', 'message_status'],
    });
    await harness.device('asleep');
    await harness.endpoint('a1', { deviceIds: ['asleep'], status: 'paused' });
    await harness.endpoint('a2', { deviceIds: ['asleep'], status: 'pending_test' });
    await harness.accept(
      event({ deviceId: 'off' }),
      event({ deviceId: 'auto' }),
      event({ deviceId: 'alone' }),
      event({ deviceId: 'sub' }),
      event({ deviceId: 'asleep' }),
      event({ deviceId: undefined }),
      event({ deviceId: 'nobody' }),
      event({ tooLargeBytes: 600_000 }, null),
      event({ acceptedAt: Date.now() - 91 * 86_400_000 }),
      event({ deviceId: 'off', type: 'message_status' }),
      event({ deviceId: 'auto', type: 'submission' }),
    );
    expect((await reasons(9)).sort()).toEqual([
      'device_mode',
      'device_mode',
      'endpoints_inactive',
      'no_endpoint',
      'not_subscribed',
      'too_large',
      'too_old',
      'unknown_device',
      'unknown_device',
    ]);
    expect((await routedFacts(2)).map(({ endpointIds }) => endpointIds)).toEqual([['s1'], ['s1']]);
    expect(asked).toEqual([]);
    await settled();
  });

  it('sees a change of the directory before an event that comes after it', async () => {
    await harness.endpoint('e1');
    await sleep(100);
    await harness.endpoint('e1', { status: 'paused', revision: 2 });
    await sleep(100);
    await harness.accept(event());
    expect(await reasons(1)).toEqual(['endpoints_inactive']);
  });

  it('routes a redelivered message to the same record', async () => {
    await harness.endpoint('e1');
    const record = event();
    await harness.accept(record);
    await settled();
    await harness.accept(record);
    const [first, second] = await harness.outgoing('DELIVERIES', 2);
    expect(second!.facts).toEqual(first!.facts);
    expect(Buffer.from(second!.payload).equals(Buffer.from(first!.payload))).toBe(true);
  });

  it('batches under load and loses nothing', async () => {
    await harness.endpoint('e1');
    const ids = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const records = Array.from({ length: 20 }, () => event());
      for (const { facts } of records) ids.add(facts.id);
      await harness.accept(...records);
    }
    const found = await routedFacts(1_000);
    expect(new Set(found.map(({ id }) => id))).toEqual(ids);
    const { state } = await (await harness.admin.manager()).streams.info('DELIVERIES');
    expect(state.messages).toBeLessThan(1_000);
  });

  it('sets foreign bytes aside and goes on', async () => {
    await harness.endpoint('e1');
    await harness.admin.publish(SUBJECTS.events('waba'), Buffer.from('not a batch'));
    await harness.accept(event());
    await routedFacts(1);
    const dead = (await (await harness.admin.manager()).streams.info('DEAD_LETTERS')).state.messages;
    expect(dead).toBe(1);
    await settled();
  });
});

describe('the first message to a pending endpoint of a bot', () => {
  beforeEach(async () => {
    await harness.device('bot', { channel: 'telegram' });
    await harness.endpoint('p1', { deviceIds: ['bot'], status: 'pending_test', revision: 7 });
    await harness.endpoint('p2', { deviceIds: ['bot'], status: 'paused' });
    await sleep(100);
  });

  it('activates it and is delivered', async () => {
    registryAnswers = async () => ({ active: true, directoryRevision: 1_000_000 });
    await harness.accept(event({ deviceId: 'bot', channel: 'telegram' }));
    expect(await routedFacts(1)).toMatchObject([{ endpointIds: ['p1'], directoryRevision: 1_000_000 }]);
    expect(asked).toEqual([{ endpointId: 'p1', revision: 7 }]);
  });

  it('matches nobody when the registry says no', async () => {
    registryAnswers = async () => ({ active: false, directoryRevision: 1 });
    await harness.accept(event({ deviceId: 'bot' }));
    expect(await reasons(1)).toEqual(['endpoints_inactive']);
  });

  it('waits for a registry that is away, and holds up nobody else', async () => {
    await harness.endpoint('e1');
    await harness.accept(event({ deviceId: 'bot' }), event());
    expect(await routedFacts(1)).toMatchObject([{ endpointIds: ['e1'] }]);
    await sleep(700);
    expect(await harness.waiting()).toBe(1);
    registryAnswers = async () => ({ active: true, directoryRevision: 5 });
    await waitFor(async () => (await routedFacts(1)).some(({ endpointIds }) => endpointIds.includes('p1')), {
      timeoutMs: 15_000,
      intervalMs: 50,
      what: 'the pending event',
    });
    await settled();
  }, 30_000);

  it('does not hold for statuses and submissions', async () => {
    await harness.device('bot', { channel: 'telegram', inboundMode: 'autoreply' });
    await harness.endpoint('p1', {
      deviceIds: ['bot'],
      status: 'pending_test',
      events: ['submission'],
      revision: 8,
    });
    await harness.accept(event({ deviceId: 'bot', type: 'submission' }));
    expect(await reasons(1)).toEqual(['endpoints_inactive']);
    expect(asked).toEqual([]);
  });
});

describe('a router', () => {
  it('routes nothing before its directory is complete, and goes on when NATS was away', async () => {
    await harness.endpoint('e1');
    await harness.nats.kill();
    await harness.nats.restart();
    await waitFor(() => harness.admin.connected, { timeoutMs: 10_000, what: 'the reconnection' });
    await waitFor(
      () =>
        harness
          .accept(event())
          .then(() => true)
          .catch(() => false),
      { timeoutMs: 10_000, what: 'NATS' },
    );
    expect(await routedFacts(1)).toMatchObject([{ endpointIds: ['e1'] }]);
    await settled();
  }, 40_000);

  it('waits while the directory is not there at all', async () => {
    const manager = await harness.admin.manager();
    await manager.streams.delete(`KV_${BUCKETS.directory.name}`);
    await sleep(4_000);
    await harness.accept(event());
    await sleep(500);
    expect([await harness.waiting(), (await harness.contents('OUTCOMES')).length]).toEqual([1, 0]);
  }, 30_000);
});
