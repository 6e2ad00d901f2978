import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type EndpointEntry, matchId, SUBJECTS, type TestReply, type TestRequest } from '@kirisan/contracts';
import { Stage } from '../testing/stage.js';

const PAYLOAD = '{"event":"incoming_message","production":false}';
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.start();
}, 60_000);
afterAll(() => stage?.stop());
afterEach(async () => {
  stage.sink.recover();
  for (const worker of [...stage.workers]) await stage.stopWorker(worker);
  stage.sink.isHanging = true;
});

function request(endpoint: EndpointEntry): TestRequest {
  const { facts } = stage.event([endpoint], { production: false });
  const { id, name, url, sealedSecret } = endpoint;
  return { facts, payload: PAYLOAD, endpoint: { id, name, url, sealedSecret, legacySubmission: false } };
}

async function run(asked: TestRequest): Promise<TestReply> {
  const bytes = Buffer.from(JSON.stringify(asked));
  const reply = await stage.messaging.request(SUBJECTS.test, bytes, { timeoutMs: 10_000 });
  return JSON.parse(Buffer.from(reply).toString()) as TestReply;
}

describe('a test delivery', () => {
  it('is made like a live one, answered and recorded, whatever the status of the endpoint', async () => {
    await stage.startWorker();
    const endpoint = await stage.endpoint({
      path: '/test',
      secret: 'planted-secret',
      status: 'pending_test',
    });
    const asked = request(endpoint);
    const reply = await run(asked);
    expect(reply).toMatchObject({
      outcome: { status: 'success', verdict: 'answered', httpStatus: 200, responseBody: 'taken' },
    });
    const id = matchId(asked.facts.id, endpoint.id);
    const [post] = stage.sink.to('/test');
    expect(post).toMatchObject({ id, body: PAYLOAD });
    expect(post!.headers).toMatchObject({
      'user-agent': 'Kirisan-Webhook-Test/1.0',
      'x-webhook-secret': 'planted-secret',
    });
    await stage.settled([id]);
    expect(stage.log.claims.get(id)!.requestHeaders['X-Webhook-Secret']).toBe('********');
  });

  it('is made once for one request', async () => {
    await stage.startWorker();
    const asked = request(await stage.endpoint({ path: '/test-once' }));
    await run(asked);
    expect(await run(asked)).toMatchObject({ error: { code: 'claim_lost' } });
    expect(stage.sink.to('/test-once')).toHaveLength(1);
  });

  it('does not need a slot', async () => {
    await stage.startWorker({ maxInFlight: 5, maxInFlightPerEndpoint: 5 });
    const endpoint = await stage.endpoint({ path: '/hang-test' });
    for (let i = 0; i < 10; i++) await stage.route(stage.event([endpoint]));
    await stage.until('the worker is full', () => stage.sink.to('/hang-test').length === 5);
    const other = await stage.endpoint({ path: '/test-while-full' });
    expect(await run(request(other))).toMatchObject({ outcome: { status: 'success' } });
  });

  it('has a timeout of its own', async () => {
    await stage.startWorker({ liveTimeoutMs: 60_000, testTimeoutMs: 300 });
    const reply = await run(request(await stage.endpoint({ path: '/hang-timeout' })));
    expect(reply).toMatchObject({
      outcome: { status: 'failed', verdict: 'sent_no_answer', error: { code: 'timeout' } },
    });
  });

  it('is given up when the log does not answer, and is not made afterwards', async () => {
    await stage.startWorker({ testClaimMs: 300 });
    const asked = request(await stage.endpoint({ path: '/test-without-log' }));
    stage.log.leave();
    expect(await run(asked)).toMatchObject({ error: { code: 'log_unavailable' } });
    stage.log.serve();
    const id = matchId(asked.facts.id, asked.endpoint.id);
    await stage.settled([id]);
    expect(stage.log.outcomeOf(id)).toMatchObject({ verdict: 'not_sent', error: { code: 'claim_expired' } });
    expect(stage.sink.to('/test-without-log')).toEqual([]);
  });

  it('is refused when too many are under way', async () => {
    await stage.startWorker({ maxTestsInFlight: 1, testTimeoutMs: 1_000 });
    const endpoint = await stage.endpoint({ path: '/hang-busy' });
    const first = run(request(endpoint));
    await stage.until('the first is under way', () => stage.sink.to('/hang-busy').length === 1);
    expect(await run(request(endpoint))).toMatchObject({ error: { code: 'busy' } });
    await first;
  });
});
