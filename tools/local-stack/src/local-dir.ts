import { join } from 'node:path';

/** The root of the checkout. */
export function repositoryRoot(): string {
  return join(import.meta.dirname, '..', '..', '..');
}

/** The checkout's folder for everything that is made at run time and belongs to no commit. */
export function localDir(): string {
  return join(repositoryRoot(), '.local');
}
