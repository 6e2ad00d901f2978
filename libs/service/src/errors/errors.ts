/** Retrying can not help: the message or request itself is wrong. A consumer dead-letters it. */
export class PermanentError extends Error {
  override name = 'PermanentError';
}

/** Something we depend on is away or busy: the same thing will work later. A consumer asks for it again, for ever. */
export class TransientError extends Error {
  override name = 'TransientError';
}

/** The message of anything thrown, for logs. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
