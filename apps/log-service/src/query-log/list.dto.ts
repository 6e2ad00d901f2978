import { EVENT_TYPES, type EventType } from '@kirisan/contracts';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { IsSearchText } from './search-text.js';
import { IsCursor } from './cursor.js';
import { IsTime } from './time-parameter.js';

/** Rows of one page of deliveries or events; more are answered 400. */
export const MAX_LIMIT = 200;
export const LIVE_OR_TEST = ['true', 'false', 'any'] as const;
export type LiveOrTest = (typeof LIVE_OR_TEST)[number];

/** What the lists of deliveries and of events can both be narrowed by. */
export class ListDto {
  @ApiPropertyOptional({ maxLength: 256, description: "Prefix of the device's token or number" })
  @IsOptional()
  @IsSearchText(256)
  device?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID('all', { message: 'must be a UUID' })
  deviceId?: string;

  @ApiPropertyOptional({ enum: EVENT_TYPES })
  @IsOptional()
  @IsIn(EVENT_TYPES)
  event?: EventType;

  @ApiPropertyOptional({ maxLength: 64, example: 'whatsapp' })
  @IsOptional()
  @IsSearchText(64)
  channel?: string;

  @ApiPropertyOptional({
    description: 'Included. ISO 8601 (UTC without a zone), Unix seconds or milliseconds',
  })
  @IsOptional()
  @IsTime()
  from?: string;

  @ApiPropertyOptional({
    description: 'Excluded. ISO 8601 (UTC without a zone), Unix seconds or milliseconds',
  })
  @IsOptional()
  @IsTime()
  to?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: MAX_LIMIT, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: `must be a whole number from 1 to ${MAX_LIMIT}` })
  @Min(1)
  @Max(MAX_LIMIT)
  limit: number = 50;

  @ApiPropertyOptional({
    maxLength: 128,
    description: '`nextCursor` of the page before; the other parameters stay the same',
  })
  @IsOptional()
  @IsCursor()
  cursor?: string;
}
