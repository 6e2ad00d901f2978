import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** What other programs need to know of a running stack; kept in `stack.json`. */
export interface StackFile {
  /** Base URLs, `http://127.0.0.1:<port>`. */
  registry: string;
  logService: string;
  console?: string;
  /** By channel. */
  ingestors: Record<string, string>;
  internalToken: string;
  /** As superuser, to the database that holds every service's schema. */
  databaseUrl: string;
  /** With the credentials of a user who may do everything; see `natsLogin`. */
  natsUrl: string;
  /** Of every running service, `postgres` and `nats`. */
  pids: Record<string, number>;
}

/** Writes the file for its owner alone; a reader sees the old or the new one, never half of it. */
export function writeStackFile(file: string, stack: StackFile): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(stack, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The file of a stack that runs, or was killed; undefined if there is none. */
export function readStackFile(file: string): StackFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StackFile;
  } catch {
    return undefined;
  }
}

/** Called when the stack has stopped. */
export function removeStackFile(file: string): void {
  rmSync(file, { force: true });
}
