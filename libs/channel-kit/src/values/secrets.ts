import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether a secret from outside is the expected one, in a time that tells nothing of either. */
export function secretsEqual(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
