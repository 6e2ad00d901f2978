import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { guardDir } from '../process/guard.js';

/**
 * A new folder that is removed when the test run, or this process, ends. Unlike one of `mkdtemp` it can be entered by
 * the account that PostgreSQL runs as when the tests run as root.
 */
export function temporaryDir(prefix = 'dir'): string {
  const dir = mkdtempSync(join(guardDir(), `${prefix}-`));
  chmodSync(dir, 0o711);
  return dir;
}
