import { UNMATCHED_REASONS, type UnmatchedReason } from '@kirisan/contracts';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { IsSearchText } from './search-text.js';
import { ListDto, LIVE_OR_TEST, type LiveOrTest } from './list.dto.js';

const YES_OR_NO = ['true', 'false'] as const;

/** Query of `GET /v1/events`. */
export class ListEventsDto extends ListDto {
  @ApiPropertyOptional({ maxLength: 256, description: 'Exactly who wrote' })
  @IsOptional()
  @IsSearchText(256)
  sender?: string;

  @ApiPropertyOptional({ enum: UNMATCHED_REASONS, description: 'Why it matched nothing' })
  @IsOptional()
  @IsIn(UNMATCHED_REASONS)
  reason?: UnmatchedReason;

  @ApiPropertyOptional({ enum: YES_OR_NO, description: 'Whether it matched any endpoint' })
  @IsOptional()
  @IsIn(YES_OR_NO)
  matched?: (typeof YES_OR_NO)[number];

  @ApiPropertyOptional({
    enum: LIVE_OR_TEST,
    default: 'true',
    description: 'Live (true), test (false), or any',
  })
  @IsOptional()
  @IsIn(LIVE_OR_TEST)
  production: LiveOrTest = 'true';
}
