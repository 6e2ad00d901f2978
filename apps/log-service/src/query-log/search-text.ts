import { applyDecorators } from '@nestjs/common';
import { Length, Matches } from 'class-validator';

/** The parameter is a text of 1 to `max` characters that may occur in the log: PostgreSQL's texts hold no NUL. */
export function IsSearchText(max: number): PropertyDecorator {
  return applyDecorators(
    Length(1, max, { message: `must be a text of 1 to ${max} characters` }),
    Matches(/^[^\0]*$/, { message: 'must not contain NUL' }),
  );
}
