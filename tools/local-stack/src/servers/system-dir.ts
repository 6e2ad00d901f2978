import { chmodSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canEnter, type ServerUser } from './postgres-user.js';

/** A folder outside the checkout which `user` can enter: below /var/lib, else below the temporary folder. */
export function systemDir(user: ServerUser | undefined): string {
  for (const parent of ['/var/lib', tmpdir()]) {
    const dir = join(parent, 'kirisan-webhooks');
    try {
      mkdirSync(dir, { recursive: true });
      chmodSync(dir, 0o755);
    } catch {
      continue;
    }
    if (canEnter(user, dir)) return dir;
  }
  throw new Error('Neither /var/lib nor the temporary folder can hold the data of PostgreSQL');
}
