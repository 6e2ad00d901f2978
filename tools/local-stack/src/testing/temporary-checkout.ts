import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../local-dir.js';
import { temporaryDir } from './temporary-dir.js';
import { dummyServices } from './dummy-service.js';

const FILES = ['package.json', 'package-lock.json', 'tsconfig.base.json', 'deploy/run-node'];
const PROJECTS = ['tools/local-stack', 'libs/contracts'];

/** A checkout of this tool and what it stands on, with services without content. Nothing is built in it. */
export function temporaryCheckout(): string {
  const from = repositoryRoot();
  const root = temporaryDir('checkout');
  const copy = (path: string) =>
    cpSync(join(from, path), join(root, path), {
      recursive: true,
      preserveTimestamps: true,
      filter: (file) => !/\/(dist|node_modules)$/.test(file),
    });
  [...FILES, ...PROJECTS].forEach(copy);
  linkPackages(join(from, 'node_modules'), join(root, 'node_modules'), root);
  dummyServices(join(root, 'apps'));
  return root;
}

/** The installed packages are the checkout's own; the workspaces are the copies. */
function linkPackages(from: string, to: string, root: string): void {
  mkdirSync(join(to, '@kirisan'), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== '@kirisan') symlinkSync(join(from, name), join(to, name));
  }
  for (const project of PROJECTS)
    symlinkSync(join(root, project), join(to, '@kirisan', project.split('/')[1] as string));
}
