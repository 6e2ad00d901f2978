import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Secrets that are made when they are first asked for and kept in a file for its owner alone. */
export class Credentials {
  private readonly values: Record<string, string>;

  constructor(private readonly file: string) {
    this.values = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
  }

  /** A random password under this name. */
  password(name: string): string {
    return this.keep(name, () => randomBytes(24).toString('base64url'));
  }

  /** A list of one encryption key, `id:base64 of 32 bytes`. */
  secretKeys(): string {
    return this.keep('secretKeys', () => `k1:${randomBytes(32).toString('base64')}`);
  }

  private keep(name: string, make: () => string): string {
    const kept = this.values[name];
    if (kept !== undefined) return kept;
    const made = make();
    this.values[name] = made;
    writeFileSync(`${this.file}.new`, `${JSON.stringify(this.values, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
    return made;
  }
}
