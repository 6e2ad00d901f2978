import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresHome } from './postgres-home.js';

const run = promisify(execFile);

/**
 * Makes the cluster if there is none and returns the password of `postgres`, which is kept beside the data.
 * A start that was killed in the middle leaves no half-made cluster.
 */
export async function ensureCluster(home: PostgresHome, initdb: string, wish?: string): Promise<string> {
  const kept = join(home.dir, 'password');
  if (existsSync(home.data)) return readFileSync(kept, 'utf8').trim();
  const password = wish ?? randomBytes(18).toString('base64url');
  writeFileSync(kept, `${password}\n`, { mode: 0o600 });
  const draft = `${home.data}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  const passwordFile = join(home.dir, 'password.new');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (home.user) {
    for (const path of [draft, passwordFile]) chownSync(path, home.user.uid, home.user.gid);
  }
  await initialise(home, initdb, draft, passwordFile);
  rmSync(passwordFile);
  renameSync(draft, home.data);
  return password;
}

async function initialise(home: PostgresHome, initdb: string, pgdata: string, pwfile: string): Promise<void> {
  const args = ['-D', pgdata, '-U', 'postgres', '--pwfile', pwfile, '--auth', 'scram-sha-256'];
  try {
    await run(initdb, [...args, '--encoding', 'UTF8', '--locale', 'C', '--no-instructions'], {
      ...home.user,
      cwd: home.dir,
      env: { ...process.env, LC_ALL: 'C' },
    });
  } catch (error) {
    throw new Error(`initdb failed: ${(error as { stderr?: string }).stderr ?? error}`, { cause: error });
  }
}
