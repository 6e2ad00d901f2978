import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Messaging } from '@kirisan/messaging';
import { createLogDatabase, type LogDatabase } from '../testing/log-database.js';
import { claimEvent } from '../testing/samples.js';
import { PurgeRepository } from './purge.repository.js';
import { RetentionService } from './retention.service.js';

// Real: PostgreSQL. The lease is not used: upkeep is run by hand.
const DAY_MS = 86_400_000;
let log: LogDatabase;
let retention: RetentionService;

beforeAll(async () => {
  log = await createLogDatabase();
  retention = new RetentionService(
    log.partitions,
    new PurgeRepository(log.dataSource),
    log.config,
    {} as Messaging,
  );
});
afterAll(() => log?.close());

const upkeep = (now: number) => retention.run(now, new AbortController().signal);
const rows = <R>(sql: string, values: unknown[] = []): Promise<R[]> => log.dataSource.query<R[]>(sql, values);
async function partitions(): Promise<string[]> {
  const found = await rows<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'log'::regnamespace AND relname ~ '_\\d{8}$'
     AND relkind = 'r' ORDER BY 1`,
  );
  return found.map(({ name }) => name);
}
const count = async (table: string) =>
  Number((await rows<{ n: string }>(`SELECT count(*) AS n FROM log.${table}`))[0]!.n);

async function makeOld(days: number): Promise<string> {
  const day = (offset: number) => new Date(Date.now() - (days - offset) * DAY_MS).toISOString().slice(0, 10);
  const name = `deliveries_${day(0).replaceAll('-', '')}`;
  await rows(`CREATE TABLE log.${name} PARTITION OF log.deliveries
    FOR VALUES FROM ('${day(0)} 00:00+00') TO ('${day(1)} 00:00+00')`);
  return name;
}

describe('upkeep', () => {
  it('keeps partitions ready for a week, and may run twice and in two copies at once', async () => {
    await Promise.all([upkeep(Date.now()), upkeep(Date.now())]);
    const names = await partitions();
    expect(names).toHaveLength(16);
    for (const table of ['deliveries', 'events']) {
      const last = new Date(Date.now() + 7 * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
      expect(names).toContain(`${table}_${last}`);
    }
  });

  it('drops what is beyond the retention, and only that', async () => {
    const [old, young] = [await makeOld(31), await makeOld(30)];
    await upkeep(Date.now());
    expect(await partitions()).not.toContain(old);
    expect(await partitions()).toContain(young);
  });

  it('finishes what an earlier upkeep was cut off in', async () => {
    const old = await makeOld(40);
    await rows(`ALTER TABLE log.deliveries DETACH PARTITION log.${old}`);
    await upkeep(Date.now());
    expect(await partitions()).not.toContain(old);
  });

  it('does not make writers wait, also while a reader holds the old partition open', async () => {
    const old = await makeOld(50);
    const reader = log.dataSource.createQueryRunner();
    await reader.startTransaction();
    await reader.query('SELECT count(*) FROM log.deliveries');
    const running = upkeep(Date.now());
    const service = log.claimService();
    const events = [claimEvent()];
    const started = performance.now();
    const { won } = await service.claim({ token: randomUUID(), incarnation: 'w', events });
    expect(won).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(2_000);
    await reader.commitTransaction();
    await reader.release();
    await running;
    expect(await partitions()).not.toContain(old);
  });

  it('forgets claims and registrations beyond the horizon, and only those', async () => {
    const service = log.claimService();
    const events = Array.from({ length: 30 }, () => claimEvent());
    await service.claim({ token: randomUUID(), incarnation: 'w', events });
    const [claims, registrations] = [await count('claims'), await count('registrations')];
    await rows(`UPDATE log.claims SET claimed_at = now() - interval '92 days' WHERE id = $1`, [
      events[0]!.claims[0]!.id,
    ]);
    await rows(`UPDATE log.claims SET claimed_at = now() - interval '90 days' WHERE id = $1`, [
      events[1]!.claims[0]!.id,
    ]);
    await rows(
      `UPDATE log.registrations SET registered_at = now() - interval '92 days' WHERE event_id = $1`,
      [events[0]!.facts.id],
    );
    await upkeep(Date.now());
    expect(await count('claims')).toBe(claims - 1);
    expect(await count('registrations')).toBe(registrations - 1);
  });
});
