import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives a jest run one folder and one guard; the first suite that asks starts PostgreSQL in it (see
 * src/testing), and whatever the run started ends with it.
 */
export default function setup() {
  const dir = mkdtempSync(join(tmpdir(), 'kirisan-test-'));
  chmodSync(dir, 0o711);
  const guard = spawn('sh', [join(import.meta.dirname, 'guard.sh'), dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  guard.unref();
  guard.stdin.unref();
  process.env.KIRISAN_GUARD_DIR = dir;
  globalThis.kirisanGuard = guard;
}
