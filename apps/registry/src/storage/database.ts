import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { explainDatabaseError } from './database-errors.js';

/** The only way to the tables. Throws `TransientError` while PostgreSQL is away. */
@Injectable()
export class Database {
  constructor(private readonly dataSource: DataSource) {}

  async read<R>(work: (manager: EntityManager) => Promise<R>): Promise<R> {
    try {
      return await work(this.dataSource.manager);
    } catch (error) {
      throw explainDatabaseError(error);
    }
  }

  /** One transaction: all of it or nothing. */
  async write<R>(work: (manager: EntityManager) => Promise<R>): Promise<R> {
    try {
      return await this.dataSource.transaction(work);
    } catch (error) {
      throw explainDatabaseError(error);
    }
  }
}
