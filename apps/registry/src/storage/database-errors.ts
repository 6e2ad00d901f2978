import { TransientError } from '@kirisan/service';
import { QueryFailedError } from 'typeorm';

const UNIQUE_VIOLATION = '23505';

/** SQLSTATE classes: connection, resources, operator, system, and the transaction that was in another's way. */
const PASSING = /^(08|53|57|58|40|55)/;

/** Whether a unique index refused the row. */
export function isUniqueViolation(error: unknown, index: string): boolean {
  const cause =
    error instanceof QueryFailedError ? (error.driverError as { code?: string; constraint?: string }) : {};
  return cause.code === UNIQUE_VIOLATION && cause.constraint === index;
}

/** PostgreSQL being away, full or busy becomes a `TransientError`; everything else stays what it is. */
export function explainDatabaseError(error: unknown): unknown {
  const cause = error instanceof QueryFailedError ? (error.driverError as Error) : (error as Error);
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const passing =
    code === undefined
      ? /timeout|terminated|connection|not queryable/i.test(cause?.message ?? '') && isDriverError(cause)
      : PASSING.test(code) || /^E[A-Z]+$/.test(code);
  return passing ? new TransientError(`PostgreSQL: ${cause?.message ?? String(error)}`) : error;
}

/** The driver throws plain errors for a lost connection; ours have names of their own. */
function isDriverError(error: Error | undefined): boolean {
  return error?.constructor === Error || error instanceof QueryFailedError;
}
