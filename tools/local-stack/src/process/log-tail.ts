import { readFileSync, renameSync, statSync } from 'node:fs';

/** Size of a log file in bytes, 0 if there is none: where the output of the next start begins. */
export function logSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** What was written to a log file since it had `from` bytes. */
export function logSince(file: string, from: number): string {
  try {
    return readFileSync(file).subarray(from).toString('utf8');
  } catch {
    return '';
  }
}

/** Moves a log file that has content out of the way; one earlier file is kept. */
export function rotate(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.size) renameSync(file, `${file}.1`);
}
