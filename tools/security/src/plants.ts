import { randomBytes } from 'node:crypto';

export const randomKey = () => randomBytes(32).toString('base64');

/** A text that occurs nowhere by chance. */
export const plant = (what: string) => `PLANTED_${what}_${randomBytes(9).toString('hex')}`;

/** A secret in the forms in which it may lie about: as it is, in a URL, in base64 (whatever precedes it), in hex. */
function formsOf(secret: string): string[] {
  const shifted = [0, 1, 2].map((skip) => {
    const usable = secret.slice(skip);
    const whole = usable.slice(0, usable.length - (usable.length % 3));
    return Buffer.from(whole).toString('base64');
  });
  const hex = Buffer.from(secret).toString('hex');
  return [...new Set([secret, encodeURIComponent(secret), ...shifted, hex])];
}

/** Names of the secrets that occur in a text, in any form. */
export function found(text: string, secrets: Readonly<Record<string, string>>): string[] {
  return Object.entries(secrets)
    .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
    .map(([name]) => name);
}
