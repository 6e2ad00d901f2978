import type { DeadLetterQuery } from '@kirisan/log-client';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';

const MAX_LIMIT = 50;
/** Up to 15 digits, which a number holds exactly. */
const SEQUENCE = /^[1-9]\d{0,14}$/;

/** Query of `GET /v1/dead-letters`. */
export class DeadLettersDto implements DeadLetterQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: MAX_LIMIT, default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: `must be a whole number from 1 to ${MAX_LIMIT}` })
  @Min(1)
  @Max(MAX_LIMIT)
  limit: number = 20;

  @ApiPropertyOptional({ description: '`nextCursor` of the page before' })
  @IsOptional()
  @Matches(SEQUENCE, { message: 'is not a cursor of this list' })
  cursor?: string;
}

/** The id in a path: a sequence of the stream. */
export class DeadLetterIdDto {
  @ApiProperty({ example: '12' })
  @Matches(SEQUENCE, { message: 'must be the id of a dead letter, such as 12' })
  id: string;
}
