import { BadRequestException, HttpException, HttpStatus, Injectable } from '@nestjs/common';
import type { Ledger } from '@kirisan/log-client';
import { LogServiceConfig } from '../log-service.config.js';
import { parseTime } from '../query-log/time-parameter.js';
import { PartitionRepository } from '../storage/partition.repository.js';
import { balance } from './balance.js';
import type { LedgerDto } from './ledger.dto.js';
import { LedgerRepository, type Span, type UnclaimedMatch } from './ledger.repository.js';
import { WaitingMatchesService } from './waiting-matches.service.js';

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 31;
/** Ledgers under way at a time in this copy: each reads much. */
const CONCURRENCY = 2;
/** Exceptions of a kind that are listed. */
const LISTED = 100;
/** Matches without a claim that are looked up in the streams. */
const LOOKED_UP = 20_000;

/** Proves, or refutes, that every match of a span ended as exactly one row. */
@Injectable()
export class LedgerService {
  private underWay = 0;

  constructor(
    private readonly repository: LedgerRepository,
    private readonly matches: WaitingMatchesService,
    private readonly partitions: PartitionRepository,
    private readonly config: LogServiceConfig,
  ) {}

  /** Throws `BadRequestException` for a span that is none or too long, `TransientError` when a store is away. */
  async ledger(query: LedgerDto): Promise<Ledger> {
    const span = await this.span(query);
    if (this.underWay >= CONCURRENCY) {
      throw new HttpException('other ledgers are being computed, try again', HttpStatus.TOO_MANY_REQUESTS);
    }
    this.underWay++;
    try {
      return await this.compute(span);
    } finally {
      this.underWay--;
    }
  }

  private async compute(span: Span): Promise<Ledger> {
    const now = Date.now();
    const records = await this.repository.read(span, {
      unclaimed: LOOKED_UP,
      listed: LISTED,
      openSince: new Date(Math.min(span.to.getTime(), now - this.config.openTooLongMs)),
    });
    const places = await this.matches.find(records.unclaimed.map(({ id }) => id));
    const isLost = ({ id, at }: UnclaimedMatch) =>
      !places.waiting.has(id) && !places.parked.has(id) && at.getTime() < now - this.config.ledgerGraceMs;
    const missing = records.unclaimed.filter(isLost);
    const claimedSince =
      missing.length > 0 ? await this.repository.claimed(missing.map(({ id }) => id)) : undefined;
    const lost = missing.filter(({ id }) => !claimedSince?.has(id));
    return balance({ span, records, places, lost, listed: LISTED });
  }

  /** What has left the log can not be accounted for. */
  private async span({ from, to }: LedgerDto): Promise<Span> {
    const end = Math.min(to === undefined ? Infinity : parseTime(to)!.getTime(), Date.now());
    const start = from === undefined ? end - DAY_MS : parseTime(from)!.getTime();
    if (start >= end) throw new BadRequestException('from: must be before `to` and not in the future');
    if (end - start > LONGEST_DAYS * DAY_MS) {
      throw new BadRequestException(`from: must be within ${LONGEST_DAYS} days before \`to\``);
    }
    const oldest = Math.max(
      await this.partitions.oldest('deliveries'),
      await this.partitions.oldest('events'),
    );
    if (oldest >= end) throw new BadRequestException('to: what was registered before has left the log');
    return { from: new Date(Math.max(start, oldest)), to: new Date(end) };
  }
}
