import { applyDecorators } from '@nestjs/common';
import { buildMessage, ValidateBy } from 'class-validator';

const LONE_SURROGATE = /\p{Surrogate}/u;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Why a text can not be kept and shown: PostgreSQL refuses NUL, JSON and UTF-8 lone surrogates, people the rest. */
export function whyNotPlain(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string') return 'must be a text';
  if (value.length > maxLength) return `must be at most ${maxLength} characters long`;
  if (CONTROL.test(value)) return 'must not contain control characters';
  if (LONE_SURROGATE.test(value)) return 'must be well-formed Unicode';
  return undefined;
}

interface PlainTextOptions {
  /** Characters. */
  max: number;
  /** Whether blank is fine. */
  blank?: boolean;
}

/** A text without control characters and broken Unicode, at most `max` characters, not blank unless allowed. */
export function IsPlainText({ max, blank = false }: PlainTextOptions): PropertyDecorator {
  const problem = (value: unknown) =>
    whyNotPlain(value, max) ?? (!blank && (value as string).trim() === '' ? 'must not be empty' : undefined);
  return applyDecorators(
    ValidateBy({
      name: 'isPlainText',
      validator: {
        validate: (value) => problem(value) === undefined,
        defaultMessage: (args) => buildMessage(() => problem(args?.value) ?? 'is not a text')(args),
      },
    }),
  );
}
