import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { InvalidFieldException } from './invalid-field.js';
import { IsPlainText } from './plain-text.js';

/** Rows of one page of devices or endpoints; more are answered 400. */
const MAX_PAGE = 200;

/** The query of every list, newest first. */
export class PageQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: MAX_PAGE, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  limit: number = 50;

  @ApiPropertyOptional({ maxLength: 64, description: '`nextCursor` of the page before' })
  @IsOptional()
  @IsPlainText({ max: 64 })
  cursor?: string;

  @ApiPropertyOptional({ maxLength: 200, description: 'Part of what names the object' })
  @IsOptional()
  @IsPlainText({ max: 200, blank: true })
  search?: string;
}

export interface Page<T> {
  items: T[];
  /** Null on the last page. */
  nextCursor: string | null;
}

const POSITION = /^[1-9][0-9]{0,17}$/;

/** The position that a cursor stands for; undefined for the first page. Throws 400 for a foreign cursor. */
export function positionOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const position = Buffer.from(cursor, 'base64url').toString('latin1');
  if (POSITION.test(position)) return position;
  throw new InvalidFieldException('cursor', 'is not one that this list gave out');
}

/** Cuts `limit + 1` rows to a page. */
export function toPage<R extends { position: string }, T>(
  rows: R[],
  limit: number,
  view: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(view),
    nextCursor: last ? Buffer.from(last.position, 'latin1').toString('base64url') : null,
  };
}

/** The pattern of `LIKE` that finds the text anywhere. */
export function anywhere(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
