import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { oldestNpm } from './node-version.mjs';
import { root } from './root.mjs';
import { StartError } from './start-error.mjs';

/** Runs `npm ci` if node_modules is missing or is not what package-lock.json says. */
export function ensureInstalled() {
  if (isInstalled()) return;
  const npm = npmCommand();
  const version = npmVersion(npm);
  if (Number(version.split('.')[0]) < oldestNpm()) {
    throw new StartError(
      `Installing the packages needs npm ${oldestNpm()} or newer, and this is ${version}. Run: npm install -g npm@${oldestNpm()}`,
    );
  }
  console.log('Installing the packages (npm ci)');
  const { status } = spawnSync(npm[0], [...npm.slice(1), 'ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) {
    throw new StartError(
      'npm ci failed, see above. It downloads from the package registry, so it needs a way there.',
    );
  }
}

/** npm writes down what it installed; a lock file that is older needs no closer look. */
function isInstalled() {
  const lock = join(root, 'package-lock.json');
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  if (statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return true;
  return holdsAll(readPackages(lock), readPackages(installed));
}

/** Packages for other platforms are optional and absent. */
export function holdsAll(wanted, installed) {
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '' || !path.includes('node_modules')) return true;
    const there = installed[path];
    return there ? there.version === version : optional === true;
  });
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** The very npm that runs us, if one does. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('.js') ? [process.execPath, cli] : ['npm'];
}

function npmVersion([command, ...args]) {
  const { stdout, status } = spawnSync(command, [...args, '--version'], { encoding: 'utf8' });
  if (status !== 0) throw new StartError('npm is not installed, and the packages are missing.');
  return stdout.trim();
}
