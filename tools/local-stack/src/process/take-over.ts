import { readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { waitFor } from '../wait-for.js';

/** Whether a process with this pid exists (a zombie does). */
export function pidAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The command line of a running process, or '' if there is none. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    if (process.platform === 'linux') return '';
  }
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/** Remembers in `dir` which server process runs there and which process started it. */
export function recordServer(dir: string, pid: number): void {
  writeFileSync(join(dir, 'server.pid'), `${pid} ${process.pid}\n`);
}

/**
 * Called before a server starts on `dir`: rejects if a living process runs one there, and ends a server whose
 * starter is gone. `marker` is a part of the server's command line, so that a reused pid is not mistaken for it.
 */
export async function takeOver(dir: string, marker: string): Promise<void> {
  const [pid, owner] = readPids(join(dir, 'server.pid'));
  if (pid === undefined || !isServer(pid, marker)) return;
  if (owner !== undefined && pidAlive(owner)) {
    throw new Error(`${dir} is in use by process ${pid}, started by process ${owner}`);
  }
  process.kill(pid, 'SIGINT');
  await waitFor(() => !isServer(pid, marker), { timeoutMs: 5_000 }).catch(() => process.kill(pid, 'SIGKILL'));
  await waitFor(() => !isServer(pid, marker), { what: `the end of the left-over process ${pid}` });
}

/** Whether this pid is the server that `marker` describes. */
export function isServer(pid: number, marker: string): boolean {
  return pidAlive(pid) && commandLine(pid).includes(marker);
}

function readPids(file: string): (number | undefined)[] {
  try {
    return readFileSync(file, 'utf8').trim().split(/\s+/).map(Number);
  } catch {
    return [];
  }
}
