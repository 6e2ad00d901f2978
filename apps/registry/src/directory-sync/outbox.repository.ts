import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { OutboxEntity } from '../storage/outbox.entity.js';
import type { BucketKey } from './bucket-keys.js';

const CHUNK = 1_000;

/** Keys that may differ from the tables, until they were published. */
@Injectable()
export class OutboxRepository {
  /** Call it in the transaction that changes the tables. */
  async add(manager: EntityManager, keys: readonly BucketKey[]): Promise<void> {
    for (let start = 0; start < keys.length; start += CHUNK) {
      const rows = keys.slice(start, start + CHUNK).map(({ bucket, key }) => ({ bucket, key }));
      await manager.insert(OutboxEntity, rows);
    }
  }

  /** The oldest rows that no other copy is working on, held until the transaction ends. */
  take(manager: EntityManager, limit: number): Promise<OutboxEntity[]> {
    return manager
      .createQueryBuilder(OutboxEntity, 'row')
      .setLock('pessimistic_write')
      .setOnLocked('skip_locked')
      .orderBy('row.id')
      .limit(limit)
      .getMany();
  }

  async remove(manager: EntityManager, rows: readonly OutboxEntity[]): Promise<void> {
    if (rows.length > 0)
      await manager.delete(
        OutboxEntity,
        rows.map(({ id }) => id),
      );
  }
}
