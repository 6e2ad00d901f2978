import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The OpenAPI document of every app that has a command for it. */
export function generate(root) {
  const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
  try {
    const apps = readdirSync(join(root, 'apps')).filter((app) =>
      existsSync(join(root, 'apps', app, 'src/openapi.ts')),
    );
    return Object.fromEntries(
      apps.map((app) => [`docs/reference/${app}.openapi.json`, documentOf(root, app, folder)]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function documentOf(root, app, folder) {
  const file = join(folder, `${app}.json`);
  execFileSync(process.execPath, [join(root, 'apps', app, 'dist/openapi.js'), file], { stdio: 'inherit' });
  return readFileSync(file, 'utf8');
}
