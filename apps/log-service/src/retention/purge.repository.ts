import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Rows of one statement, and the pause after it: upkeep must not be felt by those who claim. */
const CHUNK = 2_000;
const PAUSE_MS = 100;

const TABLES = [
  { table: 'claims', id: 'id', time: 'claimed_at' },
  { table: 'registrations', id: 'event_id', time: 'registered_at' },
] as const;

/** Removes claims and registrations in small steps. */
@Injectable()
export class PurgeRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Removes what is older than `moment`, until done or `stop` is aborted; returns the number of rows. */
  async purgeBefore(moment: Date, stop: AbortSignal): Promise<number> {
    let total = 0;
    for (const { table, id, time } of TABLES) {
      let removed = CHUNK;
      while (removed === CHUNK && !stop.aborted) {
        const [, count] = await this.dataSource.query<[unknown[], number]>(
          `DELETE FROM log.${table} WHERE ${id} IN
             (SELECT ${id} FROM log.${table} WHERE ${time} < $1 ORDER BY ${time} LIMIT ${CHUNK})`,
          [moment],
        );
        removed = count;
        total += removed;
        if (removed === CHUNK) await sleep(PAUSE_MS);
      }
    }
    return total;
  }
}
