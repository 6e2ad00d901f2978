import type { BacklogQuery } from '@kirisan/log-client';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

const MAX_LIMIT = 500;

/** Query of `GET /v1/backlog`. */
export class BacklogDto implements BacklogQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: MAX_LIMIT, default: 100, description: 'Endpoints' })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: `must be a whole number from 1 to ${MAX_LIMIT}` })
  @Min(1)
  @Max(MAX_LIMIT)
  limit: number = 100;
}
