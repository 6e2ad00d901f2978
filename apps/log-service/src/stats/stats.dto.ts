import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { IsTime } from '../query-log/time-parameter.js';

export const BUCKETS = ['minute', 'hour', 'day'] as const;
export const GROUPS = ['endpoint', 'event', 'status'] as const;

/** Query of `GET /v1/stats`. */
export class StatsDto {
  @ApiPropertyOptional({ enum: BUCKETS, default: 'hour' })
  @IsOptional()
  @IsIn(BUCKETS)
  bucket: (typeof BUCKETS)[number] = 'hour';

  @ApiPropertyOptional({ description: 'Included; default a day before `to`' })
  @IsOptional()
  @IsTime()
  from?: string;

  @ApiPropertyOptional({ description: 'Excluded; default now' })
  @IsOptional()
  @IsTime()
  to?: string;

  @ApiPropertyOptional({ enum: GROUPS })
  @IsOptional()
  @IsIn(GROUPS)
  groupBy?: (typeof GROUPS)[number];
}
