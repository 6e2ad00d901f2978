import { registerDecorator } from 'class-validator';

/** Below this a number means seconds (until the year 5138), from here on milliseconds (since 1973). */
const FIRST_MILLISECONDS = 100_000_000_000;
const MAX_TIME = 253_402_214_400_000;
const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;
const HAS_ZONE = /(Z|[+-]\d{2}:?\d{2})$/i;

/**
 * A moment as a query parameter: ISO 8601 (a date alone is its midnight; without a zone it is UTC), Unix seconds or Unix
 * milliseconds. Undefined when it is none of them.
 */
export function parseTime(text: string): Date | undefined {
  const time = /^\d{1,15}$/.test(text) ? fromNumber(Number(text)) : fromIso(text);
  return Number.isFinite(time) && time >= 0 && time <= MAX_TIME ? new Date(time) : undefined;
}

function fromNumber(value: number): number {
  return value < FIRST_MILLISECONDS ? value * 1_000 : value;
}

function fromIso(text: string): number {
  if (!ISO.test(text)) return Number.NaN;
  return Date.parse(text.includes('T') && !HAS_ZONE.test(text) ? `${text}Z` : text);
}

/** The parameter is a moment as {@link parseTime} understands it. */
export function IsTime(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isTime',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value) => typeof value === 'string' && parseTime(value) !== undefined,
        defaultMessage: () => 'must be ISO 8601, Unix seconds or Unix milliseconds',
      },
    });
}
