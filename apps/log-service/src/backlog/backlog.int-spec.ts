import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { encodeRecords, SUBJECTS, type WorkerHeartbeat } from '@kirisan/contracts';
import { waitFor } from '@kirisan/local-stack';
import { LogClient } from '@kirisan/log-client';
import { type LogApp, startLogApp } from '../testing/log-app.js';
import { claimEvent, routed } from '../testing/samples.js';

// Real: PostgreSQL, nats-server, and the whole service between them.
let log: LogApp;
let client: LogClient;

beforeAll(async () => {
  log = await startLogApp();
  client = new LogClient({ url: await log.app.getUrl(), internalToken: log.config.internalToken });
}, 60_000);
afterAll(() => log?.close());

const park = (endpointId: string) =>
  log.messaging.publish(
    SUBJECTS.parked(endpointId),
    encodeRecords([claimEvent(routed({ endpointIds: [endpointId] }))]),
  );

it('shows what waits for each endpoint, and what its workers have in hand', async () => {
  expect(await client.backlog()).toEqual({ total: 0, endpoints: 0, items: [] });
  const [busy, quiet] = [randomUUID(), randomUUID()];
  await park(busy);
  await sleep(300);
  for (const endpointId of [busy, busy, quiet]) await park(endpointId);
  const heartbeat: WorkerHeartbeat = {
    incarnation: 'w',
    inFlight: 9,
    lanes: [{ endpointId: busy, inFlight: 4, cap: 5 }],
  };
  log.messaging.emit(SUBJECTS.heartbeat, Buffer.from(JSON.stringify(heartbeat)));
  await waitFor(async () => (await client.backlog()).items[0]?.cap === 5);
  const { total, endpoints, items } = await client.backlog();
  expect([total, endpoints]).toEqual([4, 2]);
  expect(items).toEqual([
    { endpointId: busy, count: 3, oldestAgeMs: expect.any(Number), inFlight: 4, cap: 5 },
    { endpointId: quiet, count: 1, oldestAgeMs: expect.any(Number), inFlight: null, cap: null },
  ]);
  expect(items[0]!.oldestAgeMs).toBeGreaterThanOrEqual(items[1]!.oldestAgeMs! + 250);
  expect((await client.backlog({ limit: 1 })).items.map(({ endpointId }) => endpointId)).toEqual([busy]);
});

it.each(['limit=0', 'limit=501', 'limit=x'])('refuses %s', async (query) => {
  const { status, body } = await log.get<{ message: string }>(`/v1/backlog?${query}`);
  expect([status, body.message]).toEqual([400, expect.stringContaining('limit')]);
});
