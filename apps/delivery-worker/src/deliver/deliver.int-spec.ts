import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeRecords, matchId, SUBJECTS } from '@kirisan/contracts';
import { Stage } from '../testing/stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.start();
  await stage.startWorker({ claimHorizonDays: 90 });
}, 60_000);
afterAll(() => stage?.stop());

const claimOf = (id: string) => stage.log.claims.get(id)!;
const postsOf = (id: string) => stage.sink.received.filter((post) => post.id === id);

describe('a routed event', () => {
  it('is POSTed once to each of its endpoints, byte for byte, and recorded', async () => {
    const endpoints = [await stage.endpoint({ path: '/a' }), await stage.endpoint({ path: '/b' })];
    const payload = '{"text":"a\\u0000 \\ud800 😀 \u2028","n":12345678901234567890,"__proto__":{"x":1}}';
    const ids = await stage.route(stage.event(endpoints, {}, payload));
    await stage.settled(ids);
    const [post] = postsOf(ids[0]!);
    expect(post).toMatchObject({ path: '/a', body: payload });
    expect(post!.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Kirisan-Webhook/1.0',
      'x-kirisan-event': 'incoming_message',
      'x-kirisan-device': 'device-token',
      'webhook-id': ids[0],
    });
    expect(post!.headers).not.toHaveProperty('x-webhook-secret');
    expect(postsOf(ids[1]!)).toHaveLength(1);
    expect(stage.log.outcomeOf(ids[0]!)).toMatchObject({
      status: 'success',
      verdict: 'answered',
      httpStatus: 200,
      responseBody: 'taken',
      durationMs: expect.any(Number),
    });
  });

  it('carries the secret to the endpoint and never to the log', async () => {
    const endpoint = await stage.endpoint({ path: '/secret', secret: 'planted-secret' });
    const [id] = await stage.route(stage.event([endpoint]));
    await stage.settled([id!]);
    expect(postsOf(id!)[0]!.headers['x-webhook-secret']).toBe('planted-secret');
    expect(claimOf(id!).requestHeaders['X-Webhook-Secret']).toBe('********');
    expect(JSON.stringify([stage.log.requests, stage.log.outcomes])).not.toContain('planted-secret');
  });

  it('keeps the old event name for an endpoint that subscribed by it', async () => {
    const endpoint = await stage.endpoint({ path: '/old', legacySubmission: true });
    const [id] = await stage.route(stage.event([endpoint], { type: 'submission' }));
    await stage.settled([id!]);
    expect(postsOf(id!)[0]!.headers['x-kirisan-event']).toBe('submission.completed');
  });

  it('ends as failed for any status but 200 and 201', async () => {
    const [id] = await stage.route(stage.event([await stage.endpoint({ path: '/fail' })]));
    await stage.settled([id!]);
    expect(stage.log.outcomeOf(id!)).toMatchObject({
      status: 'failed',
      verdict: 'answered',
      httpStatus: 500,
    });
  });

  it('is registered even when it has no match', async () => {
    const event = stage.event([]);
    await stage.route(event);
    await stage.until('the event is registered', () => stage.log.registered.has(event.facts.id));
  });

  it('goes to a thousand endpoints once each', async () => {
    const endpoint = await stage.endpoint({ path: '/many' });
    const missing = Array.from({ length: 1_000 }, () => ({ id: randomUUID() }));
    const ids = await stage.route(stage.event([...missing, endpoint]));
    await stage.settled(ids);
    expect(stage.sink.to('/many')).toHaveLength(1);
    expect(ids.filter((id) => stage.log.outcomeOf(id)!.reason === 'endpoint_deleted')).toHaveLength(1_000);
  });
});

describe('one POST', () => {
  it('is made for one event that was routed three times, in one message and in several', async () => {
    const event = stage.event([await stage.endpoint({ path: '/thrice' })]);
    await Promise.all([stage.route(event, event), stage.route(event)]);
    const [id] = await stage.route(event);
    await stage.settled([id!]);
    await stage.until('all messages are settled', async () => (await stage.stored('DELIVERIES')) === 0);
    expect(postsOf(id!)).toHaveLength(1);
    expect(stage.log.outcomes.filter((outcome) => outcome.id === id)).toHaveLength(1);
  });
});

describe('the endpoint as it is at the claim', () => {
  it('is awaited when the router has seen a change before this worker', async () => {
    const endpoint = await stage.endpoint({ path: '/before', secret: 'before' });
    const event = stage.event([endpoint], { directoryRevision: stage.newestRevision + 1 });
    const [id] = await stage.route(event);
    await sleep(300);
    await stage.endpoint({ id: endpoint.id, path: '/after', secret: 'after', revision: 2 });
    await stage.settled([id!]);
    expect(postsOf(id!)).toMatchObject([{ path: '/after', headers: { 'x-webhook-secret': 'after' } }]);
    expect(claimOf(id!).url).toBe(stage.sink.url('/after'));
  });

  it.each([
    ['paused', 'endpoint_paused'],
    ['pending_test', 'endpoint_pending'],
  ] as const)('makes no POST when it is %s', async (status, reason) => {
    const endpoint = await stage.endpoint({ path: `/${status}`, name: 'Shop', status });
    const [id] = await stage.route(stage.event([endpoint]));
    await stage.settled([id!]);
    expect(stage.log.outcomeOf(id!)).toMatchObject({ status: 'failed', verdict: 'not_sent', reason });
    expect(claimOf(id!)).toMatchObject({ endpointName: 'Shop', url: stage.sink.url(`/${status}`) });
    expect(postsOf(id!)).toEqual([]);
  });

  it('leaves its last name and URL when it was deleted', async () => {
    const endpoint = await stage.endpoint({ path: '/gone', name: 'Gone' });
    await stage.route(stage.event([endpoint]));
    await stage.until('it is known', () => stage.sink.to('/gone').length === 1);
    await stage.removeEndpoint(endpoint.id);
    const [id] = await stage.route(stage.event([endpoint]));
    await stage.settled([id!]);
    expect(stage.log.outcomeOf(id!)).toMatchObject({ verdict: 'not_sent', reason: 'endpoint_deleted' });
    expect(claimOf(id!)).toMatchObject({ endpointName: 'Gone', url: stage.sink.url('/gone') });
    expect(stage.sink.to('/gone')).toHaveLength(1);
  });

  it('makes no POST when its secret can not be opened', async () => {
    const endpoint = await stage.endpoint({ path: '/locked', sealedSecret: 'v1.other.AAAA' });
    const [id] = await stage.route(stage.event([endpoint]));
    await stage.settled([id!]);
    expect(stage.log.outcomeOf(id!)).toMatchObject({
      verdict: 'not_sent',
      error: { code: 'secret_unreadable' },
    });
    expect(postsOf(id!)).toEqual([]);
  });

  it('is not reached when the operator does not allow its address', async () => {
    const endpoint = await stage.endpoint({ url: 'http://169.254.169.254/latest' });
    const [id] = await stage.route(stage.event([endpoint]));
    await stage.settled([id!]);
    expect(stage.log.outcomeOf(id!)).toMatchObject({
      verdict: 'not_sent',
      error: { code: 'target_not_allowed' },
    });
  });
});

describe('what is not to be delivered', () => {
  it('is an event beyond the claim horizon', async () => {
    const endpoint = await stage.endpoint({ path: '/old-event' });
    const acceptedAt = Date.now() - 91 * 24 * 3_600_000;
    const [id] = await stage.route(stage.event([endpoint], { acceptedAt }));
    await stage.settled([id!]);
    expect(stage.log.outcomeOf(id!)).toMatchObject({ verdict: 'not_sent', reason: 'too_old' });
    expect(postsOf(id!)).toEqual([]);
  });

  it.each([
    ['bytes that are no frame', () => Buffer.from('{}')],
    ['an event whose id is no UUID', () => encodeRecords([stage.event([], { id: 'x' })])],
    ['an endpoint id that is no UUID', () => encodeRecords([stage.event([{ id: '*' }])])],
  ])('is set aside: %s', async (_name, bytes) => {
    const before = await stage.stored('DEAD_LETTERS');
    await stage.messaging.publish(SUBJECTS.routed, bytes());
    await stage.until('it is set aside', async () => (await stage.stored('DEAD_LETTERS')) === before + 1);
    await stage.until('nothing waits', async () => (await stage.stored('DELIVERIES')) === 0);
  });

  it('is set aside when the log will never record it, and costs its neighbours nothing', async () => {
    const endpoint = await stage.endpoint({ path: '/neighbour' });
    const bad = stage.event([endpoint]);
    stage.log.refuses.add(bad.facts.id);
    const before = await stage.stored('DEAD_LETTERS');
    const good = stage.event([endpoint]);
    await stage.route(bad, good);
    await stage.settled([matchId(good.facts.id, endpoint.id)]);
    await stage.until('it is set aside', async () => (await stage.stored('DEAD_LETTERS')) === before + 1);
    expect(stage.sink.to('/neighbour')).toHaveLength(1);
  });
});
