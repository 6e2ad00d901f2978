import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

/** The account that the PostgreSQL processes run as. */
export interface ServerUser {
  uid: number;
  gid: number;
}

const CANDIDATES = ['postgres', 'nobody'];

/**
 * PostgreSQL refuses to run as root: as root, the owner of existing data, else the account `postgres` or `nobody`.
 * Undefined for a normal user, who runs it himself. Rejects if the data belongs to another user.
 */
export function serverUser(dataDir: string): ServerUser | undefined {
  const data = statSync(dataDir, { throwIfNoEntry: false });
  if (process.getuid?.() !== 0) {
    if (data && data.uid !== process.getuid?.()) {
      throw new Error(`${dataDir} belongs to another user (uid ${data.uid}), who started it before`);
    }
    return undefined;
  }
  if (data && data.uid !== 0) return { uid: data.uid, gid: data.gid };
  return accountOf(CANDIDATES);
}

/** Whether this user may enter a folder, which needs every folder above it as well. */
export function canEnter(user: ServerUser | undefined, dir: string): boolean {
  const test = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', dir], { ...user, cwd: '/', stdio: 'ignore' });
  return test.status === 0;
}

function accountOf(names: string[]): ServerUser {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of names) {
    const account = accounts.find((fields) => fields[0] === name);
    if (account) return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  throw new Error(
    `PostgreSQL does not run as root, and there is no account ${names.join(' or ')} to run it as`,
  );
}
