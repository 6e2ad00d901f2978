import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';
import { StartError } from './start-error.mjs';

const STAMP = join(root, '.local', 'built');
const PARTS = ['libs', 'apps', 'tools'];

/** Runs `tsc -b` unless every source is as it was after the last build; asking tsc itself takes seconds. */
export function ensureBuilt() {
  const before = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === before && allBuilt()) return;
  console.log('Building (tsc -b)');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-b', root, join(root, 'tools', 'local-stack')];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new StartError('The build failed, see above.');
  mkdirSync(join(root, '.local'), { recursive: true, mode: 0o711 });
  writeFileSync(STAMP, before);
}

function projects() {
  return PARTS.flatMap((part) => list(join(root, part)).map(({ name }) => join(root, part, name))).filter(
    (folder) => existsSync(join(folder, 'tsconfig.json')),
  );
}

function allBuilt() {
  return projects().every((folder) => existsSync(join(folder, 'dist', '.tsbuildinfo')));
}

/** Of every file that tsc reads, name, size and time. */
function fingerprint() {
  const hash = createHash('sha256');
  const add = (file) => {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  };
  for (const file of ['tsconfig.json', 'tsconfig.base.json', 'package-lock.json']) add(join(root, file));
  for (const folder of projects()) {
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
