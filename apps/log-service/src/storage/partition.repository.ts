import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const TABLES = ['deliveries', 'events'] as const;
const DAY_MS = 86_400_000;
const OLDEST_KNOWN_MS = 60_000;
/** Days for which partitions are ready: an upkeep that fails for a week costs nothing. */
export const PARTITION_DAYS_AHEAD = 7;
/** Any number, but the same in every copy: one of them makes partitions at a time. */
const LOCK = 7_201_955;

interface Partition {
  table: string;
  name: string;
  /** First moment that is not in it any more. */
  until: Date;
  /** `pending` is a DETACH that was cut off, `detached` a DROP that was. */
  state: 'attached' | 'pending' | 'detached';
}

/** The daily partitions of the log, made and dropped without locking out those who write or read. */
@Injectable()
export class PartitionRepository {
  private readonly oldestKnown = new Map<string, { time: number; until: number }>();

  constructor(private readonly dataSource: DataSource) {}

  /** Makes what is missing for today (of PostgreSQL's clock, UTC) and the `days` that follow. */
  async ensureAhead(days: number): Promise<void> {
    const [{ now }] = await this.dataSource.query<[{ now: Date }]>('SELECT now()');
    const wanted = Array.from({ length: days + 1 }, (_, day) => new Date(now.getTime() + day * DAY_MS));
    const have = new Set((await this.list()).map(({ name }) => name));
    for (const table of TABLES) {
      for (const day of wanted) if (!have.has(nameOf(table, day))) await this.create(table, day);
    }
  }

  /** Drops the partitions that end at or before `moment`; returns their names. */
  async dropBefore(moment: Date): Promise<string[]> {
    const old = (await this.list()).filter(({ until }) => until <= moment);
    for (const partition of old) await this.drop(partition);
    this.forget();
    return old.map(({ name }) => name);
  }

  /** Unix milliseconds at which the oldest partition of a table begins; searches end there. Known for a minute. */
  async oldest(table: (typeof TABLES)[number]): Promise<number> {
    const known = this.oldestKnown.get(table);
    if (known && known.until > performance.now()) return known.time;
    const ends = (await this.list()).filter((one) => one.table === table).map(({ until }) => until.getTime());
    const time = Math.min(...ends, Date.now() + DAY_MS) - DAY_MS;
    this.oldestKnown.set(table, { time, until: performance.now() + OLDEST_KNOWN_MS });
    return time;
  }

  /** Looks again at the next question for the oldest. */
  forget(): void {
    this.oldestKnown.clear();
  }

  /**
   * A table is made on its own and then attached, which asks for a weaker lock on the parent than making it as a
   * partition would: writers go on.
   */
  private async create(table: string, day: Date): Promise<void> {
    const name = nameOf(table, day);
    const [from, to] = [startOf(day), startOf(new Date(day.getTime() + DAY_MS))];
    await this.dataSource.transaction(async (manager) => {
      await manager.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
      const [{ exists }] = await manager.query<[{ exists: boolean }]>(
        'SELECT to_regclass($1) IS NOT NULL AS exists',
        [`log.${name}`],
      );
      if (exists) return;
      await manager.query(`CREATE TABLE log.${name} (LIKE log.${table} INCLUDING ALL)`);
      await manager.query(
        `ALTER TABLE log.${table} ATTACH PARTITION log.${name} FOR VALUES FROM ('${from}') TO ('${to}')`,
      );
    });
  }

  private async drop({ table, name, state }: Partition): Promise<void> {
    const runner = this.dataSource.createQueryRunner();
    try {
      // Whoever still reads the partition is waited for, but not for ever: upkeep comes again.
      await runner.query(`SET lock_timeout = '10s'; SET statement_timeout = '60s'`);
      const how = state === 'pending' ? 'FINALIZE' : 'CONCURRENTLY';
      if (state !== 'detached')
        await runner.query(`ALTER TABLE log.${table} DETACH PARTITION log.${name} ${how}`);
      await runner.query(`DROP TABLE log.${name}`);
    } finally {
      await runner.query('RESET lock_timeout; RESET statement_timeout').catch(() => undefined);
      await runner.release();
    }
  }

  private async list(): Promise<Partition[]> {
    const rows = await this.dataSource.query<{ name: string; state: Partition['state'] }[]>(
      `SELECT c.relname AS name,
         CASE WHEN i.inhrelid IS NULL THEN 'detached' WHEN i.inhdetachpending THEN 'pending' ELSE 'attached' END AS state
       FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
       WHERE c.relnamespace = 'log'::regnamespace AND c.relkind = 'r' AND c.relname ~ $1
       ORDER BY c.relname`,
      [`^(${TABLES.join('|')})_\\d{8}$`],
    );
    return rows.map((row) => ({
      ...row,
      table: row.name.slice(0, -'_20261123'.length),
      until: endOf(row.name),
    }));
  }
}

/** `deliveries_20261123` */
function nameOf(table: string, day: Date): string {
  return `${table}_${day.toISOString().slice(0, 10).replaceAll('-', '')}`;
}

function endOf(name: string): Date {
  const [, year, month, day] = /_(\d{4})(\d{2})(\d{2})$/.exec(name) ?? [];
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day) + 1));
}

function startOf(day: Date): string {
  return `${day.toISOString().slice(0, 10)} 00:00:00+00`;
}
