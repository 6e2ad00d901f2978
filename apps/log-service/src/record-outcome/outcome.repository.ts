import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { ClaimEntity } from '../storage/claim.entity.js';
import { HotPath } from '../storage/hot-path.js';
import { boolArray, int4Array, textArray, timestampArray, uuidArray } from '../storage/pg-array.js';
import type { OutcomeRow } from './outcome-row.js';
import { CORRECT_OUTCOMES, RECORD_OUTCOMES } from './outcome.statement.js';

/** What became of a batch, by delivery ids; ids in none of the lists had their outcome before. */
export interface Recorded {
  final: string[];
  corrected: string[];
  /** Never claimed. */
  unknown: string[];
}

/** Turns open rows into final ones, and corrects those that were closed too early. */
@Injectable()
export class OutcomeRepository {
  constructor(
    private readonly hotPath: HotPath,
    private readonly dataSource: DataSource,
  ) {}

  /** Ids must be unique within the batch. Throws the database's error when a row is bad, `TransientError` otherwise. */
  async record(rows: OutcomeRow[]): Promise<Recorded> {
    const done = await this.hotPath.run<{ id: string }>(RECORD_OUTCOMES, columns(rows));
    const final = done.map(({ id }) => id);
    if (final.length === rows.length) return { final, corrected: [], unknown: [] };
    const found = new Set(final);
    return { final, ...(await this.correct(rows.filter(({ id }) => !found.has(id)))) };
  }

  /** A statement of its own, after the first: only then is a row visible that was being closed meanwhile. */
  private async correct(rows: OutcomeRow[]): Promise<{ corrected: string[]; unknown: string[] }> {
    const claims = await this.dataSource
      .getRepository(ClaimEntity)
      .findBy({ id: In(rows.map(({ id }) => id)) });
    const claimedAt = new Map(claims.map((claim) => [claim.id, claim.claimedAt.getTime()]));
    const known = rows.filter(({ id }) => claimedAt.has(id));
    const unknown = rows.filter(({ id }) => !claimedAt.has(id)).map(({ id }) => id);
    if (known.length === 0) return { corrected: [], unknown };
    const times = timestampArray(known.map(({ id }) => claimedAt.get(id)));
    const [changed] = await this.dataSource.query<[{ id: string }[], number]>(CORRECT_OUTCOMES, [
      ...columns(known),
      times,
    ]);
    return { corrected: changed.map(({ id }) => id), unknown };
  }
}

function columns(rows: OutcomeRow[]): Buffer[] {
  return [
    uuidArray(rows.map(({ id }) => id)),
    int4Array(rows.map(({ result }) => result)),
    textArray(rows.map(({ status }) => status)),
    textArray(rows.map(({ verdict }) => verdict)),
    textArray(rows.map(({ reason }) => reason)),
    int4Array(rows.map(({ httpStatus }) => httpStatus)),
    int4Array(rows.map(({ durationMs }) => durationMs)),
    textArray(rows.map(({ errorCode }) => errorCode)),
    textArray(rows.map(({ errorMessage }) => errorMessage)),
    textArray(rows.map(({ timings }) => timings)),
    textArray(rows.map(({ responseHeaders }) => responseHeaders)),
    textArray(rows.map(({ responseBody }) => responseBody)),
    boolArray(rows.map(({ responseTruncated }) => responseTruncated)),
    timestampArray(rows.map(({ startedAt }) => startedAt)),
    timestampArray(rows.map(({ finishedAt }) => finishedAt)),
  ];
}
