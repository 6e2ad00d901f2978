import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';
import { StartError } from './start-error.mjs';

/** Throws if this Node is outside the range that package.json names (`>=a.b <c`). */
export function demandNode(version = process.versions.node) {
  const range = engines().node;
  const [, major, minor, below] = /^>=(\d+)\.(\d+) <(\d+)$/.exec(range) ?? [];
  const [ownMajor, ownMinor] = version.split('.').map(Number);
  const oldEnough = ownMajor < Number(below);
  const newEnough = ownMajor > Number(major) || (ownMajor === Number(major) && ownMinor >= Number(minor));
  if (!oldEnough || !newEnough) throw new StartError(`This needs Node.js ${range}, and this is ${version}.`);
}

/** The oldest npm that package.json names (`>=a`). */
export function oldestNpm() {
  return Number(/^>=(\d+)/.exec(engines().npm)?.[1]);
}

function engines() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines;
}
