import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { failpointDir } from './failpoint.config.js';

/** Hits that are left before the process dies there, by point. */
const armed = new Map<string, number>();
if (failpointDir && existsSync(failpointDir)) arm(failpointDir);

/** A file `<point>.arm` holds the number of the hit at which to die. */
function arm(dir: string): void {
  for (const file of readdirSync(dir)) {
    const point = /^(.+)\.arm$/.exec(file)?.[1];
    if (point) armed.set(point, Number(readFileSync(join(dir, file), 'utf8')));
  }
}

/**
 * A moment at which fault tests kill this process with SIGKILL, as a crash would. Costs one look at an empty map
 * unless `FAILPOINT_DIR` is set. A point that fired is renamed to `<point>.hit` and does not fire again.
 */
export function failpoint(point: string): void {
  if (armed.size === 0) return;
  const left = armed.get(point);
  if (left === undefined) return;
  armed.set(point, left - 1);
  if (left > 1) return;
  const file = join(failpointDir!, point);
  try {
    renameSync(`${file}.arm`, `${file}.hit`);
  } catch {
    return; // Another copy of the service was the one to die.
  }
  process.kill(process.pid, 'SIGKILL');
}
