import { Injectable } from '@nestjs/common';
import type { LedgerExceptionKind } from '@kirisan/log-client';
import { TransientError } from '@kirisan/service';
import { DataSource, type EntityManager } from 'typeorm';
import { LogServiceConfig } from '../log-service.config.js';
import { isTimeout } from '../storage/database-errors.js';
import {
  CLAIMED,
  EVENTS,
  EXCEPTIONS,
  OPEN_TOO_LONG,
  STATES,
  STRAY_CLAIMS,
  UNCLAIMED,
} from './ledger.statements.js';

export interface Span {
  from: Date;
  to: Date;
}

/** A match, claim or row that the ledger names. */
export interface Named {
  id: string;
  event_id: string | null;
  endpoint_id: string | null;
  at: Date;
}

export interface UnclaimedMatch extends Named {
  event_id: string;
  endpoint_id: string;
}

export interface StateCount {
  state: 'unclaimed' | 'open' | 'final' | 'homeless';
  status: string | null;
  verdict: string | null;
  reason: string | null;
  count: number;
}

interface Listed {
  total: number;
  items: Named[];
}

/** What the database knows of a span, all of it as of one moment. */
export interface LedgerRecords {
  events: { registered: number; matched: number };
  states: StateCount[];
  /** The oldest, up to the number asked for. */
  unclaimed: UnclaimedMatch[];
  exceptions: Record<Exclude<LedgerExceptionKind, 'match_without_claim'>, Listed>;
}

export interface LedgerLimits {
  unclaimed: number;
  listed: number;
  openSince: Date;
}

/** Reads registrations, claims, open and final rows, each for itself, and compares them. */
@Injectable()
export class LedgerRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: LogServiceConfig,
  ) {}

  /** Throws `TransientError` when it takes too long. */
  async read(span: Span, limits: LedgerLimits): Promise<LedgerRecords> {
    try {
      return await this.dataSource.transaction('REPEATABLE READ', async (manager) => {
        await manager.query('SET TRANSACTION READ ONLY');
        await manager.query(`SET LOCAL statement_timeout = ${this.config.ledgerTimeoutMs}`);
        return readAll(manager, span, limits);
      });
    } catch (error) {
      if (isTimeout(error))
        throw new TransientError('the ledger took too long, narrow its span', { cause: error });
      throw error;
    }
  }

  /** Which of these matches have been claimed by now. */
  async claimed(ids: string[]): Promise<Set<string>> {
    const rows = await this.dataSource.query<{ id: string }[]>(CLAIMED, [ids]);
    return new Set(rows.map(({ id }) => id));
  }
}

async function readAll(
  manager: EntityManager,
  { from, to }: Span,
  limits: LedgerLimits,
): Promise<LedgerRecords> {
  const span = [from, to];
  const list = async (sql: string, values: unknown[] = [...span, limits.listed]): Promise<Listed> => {
    const rows = await manager.query<(Named & { total: number })[]>(sql, values);
    return { total: rows[0]?.total ?? 0, items: rows };
  };
  const [events] = await manager.query<[LedgerRecords['events']]>(EVENTS, span);
  const states = await manager.query<StateCount[]>(STATES, span);
  const withoutRow = await list(EXCEPTIONS.claim_without_row);
  const withoutMatch = await list(EXCEPTIONS.claim_without_match);
  const stray = withoutRow.total > 0 ? await list(STRAY_CLAIMS) : { total: 0, items: [] };
  return {
    events,
    states,
    unclaimed: states.some(({ state }) => state === 'unclaimed')
      ? await manager.query<UnclaimedMatch[]>(UNCLAIMED, [...span, limits.unclaimed])
      : [],
    exceptions: {
      claim_without_match: {
        total: withoutMatch.total + stray.total,
        items: [...withoutMatch.items, ...stray.items].slice(0, limits.listed),
      },
      claim_without_row: withoutRow,
      row_without_claim: await list(EXCEPTIONS.row_without_claim),
      two_rows: await list(EXCEPTIONS.two_rows),
      open_too_long: await list(OPEN_TOO_LONG, [limits.openSince, limits.listed]),
      corrected: await list(EXCEPTIONS.corrected),
    },
  };
}
