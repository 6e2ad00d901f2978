// Writes every file that is made from the code; `--check` only compares and fails naming what differs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const checking = process.argv.includes('--check');

/** Folders that hold nothing but generated files: what no generator writes any more leaves them. */
const OWNED = ['docs/reference'];

const built = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], {
  cwd: root,
  stdio: 'inherit',
});
if (built.status !== 0) process.exit(1);

const wanted = new Map();
for (const file of readdirSync(join(import.meta.dirname, 'generate')).sort()) {
  if (!file.endsWith('.generator.mjs')) continue;
  const { generate } = await import(`./generate/${file}`);
  for (const [path, text] of Object.entries(await generate(root))) wanted.set(path, text);
}

const differing = [...wanted]
  .map(([path, text]) => ({ path, text, problem: compare(path, text) }))
  .filter(({ problem }) => problem);
const left = OWNED.flatMap(filesBelow).filter((path) => !wanted.has(path));

if (checking) {
  for (const { path, problem } of differing) process.stderr.write(`${path}: ${problem}\n`);
  for (const path of left) process.stderr.write(`${path}: no generator writes it\n`);
  if (differing.length + left.length > 0) {
    process.stderr.write('\nRun `node tools/ci/generated.mjs` and commit what it writes.\n');
    process.exitCode = 1;
  } else {
    process.stdout.write(`${wanted.size} generated files are up to date\n`);
  }
} else {
  for (const path of left) rmSync(join(root, path));
  for (const { path, text } of differing) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`wrote ${path}\n`);
  }
  process.stdout.write(
    `${wanted.size} generated files, ${differing.length} changed, ${left.length} removed\n`,
  );
}

function compare(path, text) {
  const file = join(root, path);
  if (!existsSync(file)) return 'is missing';
  const lines = readFileSync(file, 'utf8').split('\n');
  const at = text.split('\n').findIndex((line, index) => line !== lines[index]);
  if (at >= 0)
    return `differs at line ${at + 1}: has ${show(lines[at])}, should be ${show(text.split('\n')[at])}`;
  return lines.length > text.split('\n').length ? 'has more lines than it should' : undefined;
}

function show(line) {
  return line === undefined ? 'nothing' : JSON.stringify(line.length > 100 ? `${line.slice(0, 100)}…` : line);
}

function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
