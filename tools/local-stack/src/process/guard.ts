import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The signal that ends a child whose parent is gone. */
export type LastSignal = 'KILL' | 'QUIT';

const SCRIPT = join(import.meta.dirname, '..', '..', 'guard.sh');

let ownDir: string | undefined;

/**
 * The folder of the guard that ends this process's children if the process dies, even by kill -9.
 * A jest run has one guard for all its workers (KIRISAN_GUARD_DIR); else the first call starts one.
 */
export function guardDir(): string {
  const shared = process.env.KIRISAN_GUARD_DIR;
  if (shared && existsSync(shared)) return shared;
  ownDir ??= startGuard();
  return ownDir;
}

/** Lets the guard end this child when we are gone; forgotten again when the child has ended. */
export function guard(pid: number, signal: LastSignal): void {
  writeFileSync(join(guardDir(), `${pid}.pid`), `${signal}\n`);
}

/** Called when the child has ended: its pid may soon be somebody else's. */
export function unguard(pid: number): void {
  rmSync(join(guardDir(), `${pid}.pid`), { force: true });
}

function startGuard(): string {
  const dir = mkdtempSync(join(tmpdir(), 'kirisan-run-'));
  chmodSync(dir, 0o711);
  // A session of its own, or Ctrl-C would end the guard before its work.
  const child = spawn('sh', [SCRIPT, dir], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return dir;
}
