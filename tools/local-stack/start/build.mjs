import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';
import { StartError } from './start-error.mjs';

const STAMP = join(root, '.local', 'built');

/**
 * Runs `tsc -b` unless every source is as it was after the last build; asking tsc itself takes seconds.
 * Returns a name of what is built.
 */
export function ensureBuilt() {
  const before = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === before && allBuilt()) return before;
  console.log('Building (tsc -b)');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-b', ...targets()], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new StartError('The build failed, see above.');
  mkdirSync(join(root, '.local'), { recursive: true, mode: 0o711 });
  writeFileSync(STAMP, before);
  return before;
}

/** What the stack runs; the libs are built because these refer to them. */
function targets() {
  return [...projectsIn('apps'), join(root, 'tools', 'local-stack')];
}

function projectsIn(part) {
  const folders = list(join(root, part)).map(({ name }) => join(root, part, name));
  return folders.filter((folder) => existsSync(join(folder, 'tsconfig.json')));
}

function allBuilt() {
  return targets().every((folder) => existsSync(join(folder, 'dist', '.tsbuildinfo')));
}

/** Of every file that tsc reads, name, size and time. */
function fingerprint() {
  const hash = createHash('sha256');
  const add = (file) => {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  };
  for (const file of ['tsconfig.base.json', 'package-lock.json']) add(join(root, file));
  for (const folder of [...projectsIn('libs'), ...targets()]) {
    for (const file of ['tsconfig.json', 'package.json']) add(join(folder, file));
    walk(join(folder, 'src'), add);
  }
  return hash.digest('hex');
}

function walk(folder, visit) {
  for (const entry of list(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path, visit);
    else visit(path);
  }
}

function list(folder) {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
}
