import { existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { failpointDir } from './failpoint.config.js';

/** Hits that are left before the process dies there, by point. */
const armed = new Map<string, number>();
/** Open `<point>.hits` files, which get a byte for every hit of any process. */
const hits = new Map<string, number>();

/**
 * A moment at which fault tests kill this process with SIGKILL, as a crash would. Costs one comparison unless
 * `FAILPOINT_DIR` is set; there a file `<point>.arm` holds the number of the hit, from now on, at which to die. A point
 * that fired is renamed to `<point>.hit` and does not fire again.
 */
export function failpoint(point: string): void {
  if (failpointDir === undefined) return;
  const file = join(failpointDir, point);
  count(point, file);
  if (!isLast(point, file)) return;
  try {
    renameSync(`${file}.arm`, `${file}.hit`);
  } catch {
    return; // Another copy of the service was the one to die.
  }
  process.kill(process.pid, 'SIGKILL');
}

function count(point: string, file: string): void {
  let descriptor = hits.get(point);
  if (descriptor === undefined) hits.set(point, (descriptor = openSync(`${file}.hits`, 'a')));
  writeSync(descriptor, '.');
}

function isLast(point: string, file: string): boolean {
  if (!existsSync(`${file}.arm`)) return false;
  const left = (armed.get(point) ?? Number(readFileSync(`${file}.arm`, 'utf8'))) - 1;
  armed.set(point, left);
  return left <= 0;
}
