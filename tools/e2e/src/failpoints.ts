import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The moments at which services can be made to die, as `failpoint` in their code names them. */
export class Failpoints {
  constructor(readonly dir: string) {}

  /** The first process that hits this point for the n-th time, from now on, dies there. */
  arm(point: string, hit: number): void {
    writeFileSync(join(this.dir, `${point}.arm`), String(hit));
  }

  /** Whether a process has died there. */
  fired(point: string): boolean {
    return existsSync(join(this.dir, `${point}.hit`));
  }

  /** Hits so far, of all processes. */
  hits(point: string): number {
    const file = join(this.dir, `${point}.hits`);
    return existsSync(file) ? statSync(file).size : 0;
  }
}

/** Every point that the sources of apps and libs name, in alphabetical order. */
export function pointsInSources(root = join(import.meta.dirname, '..', '..', '..')): string[] {
  const points = ['apps', 'libs'].flatMap((storey) =>
    readdirSync(join(root, storey)).flatMap((name) => pointsBelow(join(root, storey, name, 'src'))),
  );
  return [...new Set(points)].sort();
}

function pointsBelow(folder: string): string[] {
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('spec.ts'))
    .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/failpoint\('([^']+)'\)/g)])
    .map((match) => match[1]!);
}
