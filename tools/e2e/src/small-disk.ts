import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Room while it is not full. What is not used costs no memory. */
const SIZE = '16g';
const [MOUNT, UMOUNT] = ['/bin/mount', '/bin/umount'];
const PAGE_BYTES = 4_096;

/** A file system in memory that can be made full, and roomy again, at any moment. */
export class SmallDisk {
  private constructor(readonly dir: string) {}

  /** Throws where this user may not mount. */
  static mount(name: string): SmallDisk {
    const dir = mkdtempSync(join(tmpdir(), `kirisan-disk-${name}-`));
    try {
      execFileSync(MOUNT, ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', dir], { stdio: 'pipe' });
    } catch (error) {
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
    chmodSync(dir, 0o711);
    return new SmallDisk(dir);
  }

  /** From now on there is no room for anything more. */
  fill(): void {
    for (let tries = 1; ; tries++) {
      const { blocks, bfree, bsize } = statfsSync(this.dir);
      try {
        return this.resize((blocks - bfree) * bsize + PAGE_BYTES);
      } catch (error) {
        // More was written between the look and the change.
        if (tries === 20) throw error;
      }
    }
  }

  makeRoom(): void {
    this.resize(SIZE);
  }

  remove(): void {
    execFileSync(UMOUNT, ['-l', this.dir], { stdio: 'pipe' });
    rmSync(this.dir, { recursive: true, force: true });
  }

  private resize(size: number | string): void {
    execFileSync(MOUNT, ['-o', `remount,size=${size}`, this.dir], { stdio: 'pipe' });
  }
}

/** Whether this user may mount a file system. */
export function canMount(): boolean {
  try {
    SmallDisk.mount('try').remove();
    return true;
  } catch {
    return false;
  }
}
