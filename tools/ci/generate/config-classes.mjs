import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { settingsOf } from '../../../libs/service/dist/index.js';

/** The configuration classes of libs and apps, in `*.config.ts`, from the most common to the special. */
export async function configClasses(root) {
  const found = new Map();
  for (const folder of [...childrenOf(root, 'libs'), ...childrenOf(root, 'apps')]) {
    const dist = join(root, folder, 'dist');
    if (!existsSync(dist)) continue;
    const files = readdirSync(dist, { recursive: true }).filter((file) => /(^|[./])config\.js$/.test(file));
    for (const file of files.sort()) {
      // A build of before may hold what has no source any more.
      if (!existsSync(join(root, folder, 'src', file.replace(/js$/, 'ts')))) continue;
      for (const type of Object.values(await import(pathToFileURL(join(dist, file)).href))) {
        if (typeof type !== 'function' || settingsOf(type).length === 0 || found.has(type)) continue;
        found.set(type, { type, folder, program: /^Migrat/.test(type.name) ? ': migration' : '' });
      }
    }
  }
  const rank = ({ type, folder }) => (folder.startsWith('libs/') ? parentsOf(type).length : 100);
  return [...found.values()].sort((left, right) => rank(left) - rank(right));
}

function childrenOf(root, folder) {
  return readdirSync(join(root, folder))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** The configuration classes that a class extends, the most common first. */
export function parentsOf(type) {
  const parent = Object.getPrototypeOf(type);
  return parent.prototype && settingsOf(parent).length > 0 ? [...parentsOf(parent), parent] : [];
}
