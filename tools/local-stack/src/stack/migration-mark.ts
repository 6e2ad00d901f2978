import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'migrated-by';

/**
 * Remembers in the data folders of both servers which build has migrated them, so that a warm start need not load
 * every migration to hear that there is nothing to do. Folders that were made anew have no mark.
 */
export class MigrationMark {
  constructor(
    private readonly folders: readonly string[],
    private readonly build: string | undefined,
  ) {}

  /** Whether this very build has migrated all of them. */
  isSet(): boolean {
    const { build } = this;
    if (build === undefined || this.folders.length === 0) return false;
    return this.files().every((file) => existsSync(file) && readFileSync(file, 'utf8') === build);
  }

  set(): void {
    if (this.build !== undefined) for (const file of this.files()) writeFileSync(file, this.build);
  }

  /** Called when the stack did not come up: the next start shall not rely on it. */
  clear(): void {
    for (const file of this.files()) rmSync(file, { force: true });
  }

  private files(): string[] {
    return this.folders.map((folder) => join(folder, FILE));
  }
}
