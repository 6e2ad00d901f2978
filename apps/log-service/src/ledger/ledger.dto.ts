import type { LedgerQuery } from '@kirisan/log-client';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsTime } from '../query-log/time-parameter.js';

/** Query of `GET /v1/ledger`. */
export class LedgerDto implements LedgerQuery {
  @ApiPropertyOptional({ description: 'Included; default 24 hours before `to`, at most 31 days' })
  @IsOptional()
  @IsTime()
  from?: string;

  @ApiPropertyOptional({ description: 'Excluded; default now' })
  @IsOptional()
  @IsTime()
  to?: string;
}
