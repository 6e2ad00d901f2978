/** SQLSTATE of an error, or the system's code of a broken connection. */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

const DEADLOCK = '40P01';
const SERIALIZATION_FAILURE = '40001';
const CHECK_VIOLATION = '23514';

/** Another transaction was in the way; the same statement at once has every chance. */
export function isContention(error: unknown): boolean {
  return [DEADLOCK, SERIALIZATION_FAILURE].includes(codeOf(error));
}

/** A row's day has no partition (yet). */
export function isMissingPartition(error: unknown): boolean {
  return codeOf(error) === CHECK_VIOLATION && /no partition of relation/i.test((error as Error).message);
}

/**
 * The statement's own rows are at fault: bad values (class 22), broken constraints (23), limits of a row or index (54).
 * Anything else is PostgreSQL being away, full or busy, and says nothing about the rows.
 */
export function isBadRow(error: unknown): boolean {
  return /^(22|23|54)[0-9A-Z]{3}$/.test(codeOf(error)) && !isMissingPartition(error);
}

/** PostgreSQL gave a statement up because it took too long. */
export function isTimeout(error: unknown): boolean {
  return codeOf(error) === '57014';
}
