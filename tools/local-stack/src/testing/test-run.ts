import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guardDir } from '../process/guard.js';
import { withLock } from '../process/lock.js';
import { startPostgres } from '../servers/postgres.js';

/**
 * The URL of the one PostgreSQL of this test run, started by whoever asks first. TEST_DATABASE_URL names another,
 * whose user may create databases. Without the jest global setup each test file has its own.
 */
export async function sharedPostgres(): Promise<string> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return given;
  const dir = join(guardDir(), 'postgres');
  const file = join(guardDir(), 'postgres-url');
  if (!existsSync(file)) await withLock(`${file}.lock`, () => startOnce(dir, file));
  return readFileSync(file, 'utf8');
}

async function startOnce(dir: string, file: string): Promise<void> {
  if (existsSync(file)) return;
  mkdirSync(dir, { recursive: true });
  const { url } = await startPostgres({ dir, durable: false });
  writeFileSync(`${file}.new`, url, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
