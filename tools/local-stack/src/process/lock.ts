import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine, pidAlive } from './take-over.js';

/** Thrown when a living process holds the lock. */
export class LockHeldError extends Error {
  constructor(
    readonly file: string,
    readonly holder: number,
  ) {
    super(`${file} is held by process ${holder}`);
  }
}

/** Takes the lock file for this process, or throws {@link LockHeldError}; one whose holder is gone counts for nothing. */
export function takeLock(file: string): () => void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, command: commandLine(process.pid) }));
  try {
    for (;;) {
      if (tryLink(draft, file)) return () => rmSync(file, { force: true });
      const holder = readHolder(file);
      if (holder) throw new LockHeldError(file, holder);
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Waits for the lock, holds it during `work`. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    let release: () => void;
    try {
      release = takeLock(file);
    } catch (error) {
      if (!(error instanceof LockHeldError)) throw error;
      await sleep(100);
      continue;
    }
    try {
      return await work();
    } finally {
      release();
    }
  }
}

/** A link, unlike a file that is opened and then written, appears with its content. */
function tryLink(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The command line as well, for the pid may belong to another process since a restart of the machine. */
function readHolder(file: string): number | undefined {
  try {
    const { pid, command } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; command: string };
    return pidAlive(pid) && commandLine(pid) === command ? pid : undefined;
  } catch {
    return undefined;
  }
}
