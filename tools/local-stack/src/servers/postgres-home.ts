import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { canEnter, serverUser, type ServerUser } from './postgres-user.js';
import { systemDir } from './system-dir.js';

/** Where one PostgreSQL keeps data, password and log, and as whom it runs. */
export interface PostgresHome {
  dir: string;
  data: string;
  log: string;
  user: ServerUser | undefined;
}

const NOTE = 'DATA-IS-ELSEWHERE.txt';

/**
 * `dir` itself, or, when started as root in a place which the server's account cannot enter, a folder below
 * /var/lib that is named after it; a note in `dir` then says where.
 */
export function postgresHome(wanted: string): PostgresHome {
  const dir = resolve(wanted);
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o711);
  const user = serverUser(join(dir, 'data'));
  if (canEnter(user, dir)) return home(dir, user);
  const elsewhere = join(systemDir(user), `${basename(dir)}-${hash(dir)}`);
  if (!existsSync(elsewhere)) mkdirSync(elsewhere, { mode: 0o711 });
  writeFileSync(join(dir, NOTE), noteText(elsewhere));
  return home(elsewhere, serverUser(join(elsewhere, 'data')));
}

function home(dir: string, user: ServerUser | undefined): PostgresHome {
  return { dir, data: join(dir, 'data'), log: join(dir, 'postgres.log'), user };
}

function noteText(elsewhere: string): string {
  return `PostgreSQL was started by root and runs as another account, which cannot enter this folder.
Its data, password and log are in ${elsewhere}
`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
