import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Metrics } from '@kirisan/service';
import type { ClaimEvent } from '@kirisan/contracts';
import { InterruptedRepository } from '../close-interrupted/interrupted.repository.js';
import type { ClaimService } from '../claim/claim.service.js';
import type { DeadLetters } from '../storage/dead-letters.client.js';
import { createLogDatabase, type LogDatabase } from '../testing/log-database.js';
import { claimEvent, outcome, routed } from '../testing/samples.js';
import { OutcomeRepository } from './outcome.repository.js';
import { OutcomeService } from './outcome.service.js';

// Real: PostgreSQL. Doubled: the dead-letter stream.
let log: LogDatabase;
let claims: ClaimService;
let service: OutcomeService;
let interrupted: InterruptedRepository;
const setAside = jest.fn<DeadLetters['setAside']>(async () => undefined);

beforeAll(async () => {
  log = await createLogDatabase();
  claims = log.claimService();
  service = outcomeService();
  interrupted = new InterruptedRepository(log.dataSource);
});
afterAll(() => log?.close());

function outcomeService(): OutcomeService {
  const repository = new OutcomeRepository(log.hotPath(), log.dataSource);
  return new OutcomeService(repository, { setAside } as unknown as DeadLetters, new Metrics());
}
const rows = <R>(sql: string, values: unknown[] = []): Promise<R[]> => log.dataSource.query<R[]>(sql, values);
const finals = (id: string) =>
  rows<Record<string, unknown>>('SELECT * FROM log.deliveries WHERE id = $1', [id]);
const isOpen = async (id: string) =>
  (await rows('SELECT 1 FROM log.open_deliveries WHERE id = $1', [id])).length > 0;

async function claimed(event: ClaimEvent = claimEvent(), incarnation = 'worker-1'): Promise<string> {
  const { won } = await claims.claim({ token: randomUUID(), incarnation, events: [event] });
  return won[0]!;
}

describe('recording an outcome', () => {
  it('makes the open row final, with everything that both knew', async () => {
    const id = await claimed(claimEvent(routed({ channel: 'waba', type: 'message_status' })));
    await service.record([{ ...outcome(id), someday: 'unknown members are no mistake' }]);
    expect(await isOpen(id)).toBe(false);
    expect(await finals(id)).toMatchObject([
      {
        endpoint_name: 'CRM',
        channel: 'waba',
        event: 'message_status',
        device_token: 'dev-token-1',
        status: 'success',
        verdict: 'answered',
        http_status: 200,
        duration_ms: 12,
        response_body: 'ok',
        timings: '{"lookupMs":1,"connectMs":2,"firstByteMs":9}',
        corrected_at: null,
      },
    ]);
  });

  it('adds nothing when it is delivered again, also in one batch and at the same time over two copies', async () => {
    const id = await claimed();
    const copies = [service, outcomeService(), outcomeService()];
    const again = outcome(id, { httpStatus: 500, status: 'failed' });
    await Promise.all(copies.map((copy) => copy.record([outcome(id), again])));
    await service.record([again]);
    expect(await finals(id)).toHaveLength(1);
    expect(setAside).not.toHaveBeenCalled();
  });

  it('records a large batch with hostile texts, and everything about a failure', async () => {
    const events = Array.from({ length: 60 }, () => claimEvent());
    const { won } = await claims.claim({ token: randomUUID(), incarnation: 'w', events });
    const hostile = `\u0000 ${String.fromCharCode(0xdc00)} {"a":'\\"}`;
    const failed = won.map((id) =>
      outcome(id, {
        status: 'failed',
        verdict: 'not_sent',
        httpStatus: undefined,
        responseBody: hostile,
        responseHeaders: { 'x-a': [hostile, 'b'], __proto__: 'c' } as never,
        error: { code: 'connect_refused', message: hostile },
        durationMs: 1.6,
        startedAt: Number.NaN,
      }),
    );
    await service.record(failed);
    const [row] = await finals(won[0]!);
    expect(row).toMatchObject({
      response_body: `\ufffd \ufffd {"a":'\\"}`,
      error_code: 'connect_refused',
      http_status: null,
      duration_ms: 2,
    });
    const total = await rows<{ n: string }>('SELECT count(*) AS n FROM log.deliveries WHERE id = ANY ($1)', [
      won,
    ]);
    expect(Number(total[0]!.n)).toBe(60);
  });

  it('sets aside, alone, what is no outcome and what PostgreSQL does not take', async () => {
    await rows(`ALTER TABLE log.deliveries ADD CONSTRAINT no_poison CHECK (response_body <> 'poison')`);
    const [good, bad, fine] = [await claimed(), await claimed(), await claimed()];
    const poison = outcome(bad, { responseBody: 'poison' });
    const wrong = [
      null,
      7,
      {},
      { ...outcome(good), verdict: 'not_sent' },
      { ...outcome(good), durationMs: -1 },
    ];
    setAside.mockClear();
    await service.record([outcome(good), poison, ...wrong, outcome(fine)]);
    expect(await finals(good)).toHaveLength(1);
    expect(await finals(fine)).toHaveLength(1);
    expect(await isOpen(bad)).toBe(true);
    const reasons = setAside.mock.calls.map(([, , reason]) => reason);
    expect(reasons).toHaveLength(6);
    expect(reasons).toContainEqual(expect.stringContaining('no_poison'));
    expect(reasons).toContainEqual('status, verdict: there is no success that is not_sent');
    await rows('ALTER TABLE log.deliveries DROP CONSTRAINT no_poison');
  });

  it('sets aside an outcome that nobody ever claimed', async () => {
    setAside.mockClear();
    await service.record([outcome(randomUUID())]);
    expect(setAside.mock.calls.map(([, , reason]) => reason)).toEqual(['no claim is known for this outcome']);
  });
});

describe('a row that was closed as interrupted', () => {
  it('says so, and takes the real outcome once', async () => {
    const incarnation = randomUUID();
    const [id, other] = [await claimed(undefined, incarnation), await claimed(undefined, 'alive')];
    expect(await interrupted.closeRows(incarnation)).toBe(1);
    expect(await isOpen(other)).toBe(true);
    const [closed] = await finals(id);
    expect(closed).toMatchObject({
      status: 'failed',
      verdict: 'sent_no_answer',
      reason: 'interrupted',
      corrected_at: null,
    });
    expect(closed!.duration_ms).toBeGreaterThanOrEqual(0);

    await service.record([outcome(id, { httpStatus: 201 })]);
    const [corrected] = await finals(id);
    expect(corrected).toMatchObject({
      status: 'success',
      verdict: 'answered',
      reason: null,
      http_status: 201,
    });
    expect(corrected!.corrected_at).toBeInstanceOf(Date);
    expect(corrected!.facet).not.toBe(closed!.facet);

    await service.record([outcome(id, { httpStatus: 500, status: 'failed' })]);
    expect(await finals(id)).toMatchObject([{ http_status: 201 }]);
  });

  it('keeps a real outcome that comes in the same moment, whoever is first', async () => {
    const incarnation = randomUUID();
    const events = Array.from({ length: 40 }, () => claimEvent());
    const { won } = await claims.claim({ token: randomUUID(), incarnation, events });
    await Promise.all([interrupted.closeRows(incarnation), service.record(won.map((id) => outcome(id)))]);
    const all = await rows('SELECT id, status FROM log.deliveries WHERE id = ANY ($1)', [won]);
    expect(all).toEqual(expect.arrayContaining(won.map((id) => ({ id, status: 'success' }))));
    expect(all).toHaveLength(40);
  });
});
