// Everything CI runs, in the order in which it fails fastest. `npm test -- unit` runs the steps with "unit" in the name.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const results = join(root, 'test-results');

const check = (name, ...command) => ({ name, command });
const jest = (name, ...args) => ({
  name,
  report: join(results, `${name.replaceAll(' ', '-')}.json`),
  command: ['node', '--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', ...args],
});

const steps = [
  check('types', 'tsc', '-b'),
  check('types of tests', 'tsc', '-p', 'tsconfig.spec.json'),
  check('format', 'prettier', '--check', '--log-level', 'warn', '.'),
  check('project graph', 'nx', 'show', 'projects'),
  check('lint and boundaries', 'eslint', '.'),
  check('imports', 'depcruise', '--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'tools'),
  check('dead code and dependencies', 'knip'),
  check('generated files', 'node', 'tools/ci/generated.mjs', '--check'),
  jest('unit tests', '--testMatch', '**/*.spec.ts'),
  jest('integration tests', '--testMatch', '**/*.int-spec.ts', '--maxWorkers', '2'),
  jest('end-to-end tests', '--testMatch', '**/*.e2e-spec.ts', '--runInBand', '--testTimeout', '180000'),
];

function run({ name, command, report }) {
  const [program, ...args] = report ? [...command, '--json', '--outputFile', report] : command;
  const file = program === 'node' ? process.execPath : join(root, 'node_modules', '.bin', program);
  process.stdout.write(`\n── ${name}\n`);
  const started = Date.now();
  const env = { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', FORCE_COLOR: '0' };
  // Jest prints the whole JSON on stdout as well as into the file: people read stderr.
  const { status } = spawnSync(file, args, {
    cwd: root,
    env,
    stdio: ['ignore', report ? 'ignore' : 'inherit', 'inherit'],
  });
  process.stdout.write(
    `── ${name}: ${status === 0 ? 'ok' : 'FAILED'} (${Math.round((Date.now() - started) / 1000)} s)\n`,
  );
  return count(status === 0, report);
}

function count(ok, report) {
  if (!report) return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const json = JSON.parse(readFileSync(report, 'utf8'));
  const failed = json.numFailedTests + json.numRuntimeErrorTestSuites;
  const skipped = json.testResults.flatMap((file) =>
    file.assertionResults.filter(({ status }) => status === 'pending').map(({ fullName }) => fullName),
  );
  for (const name of skipped) process.stdout.write(`   skipped: ${name}\n`);
  return { passed: json.numPassedTests, failed: failed || (ok ? 0 : 1), skipped: skipped.length };
}

rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const wanted = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
for (const step of steps.filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
)) {
  const counts = run(step);
  for (const key of Object.keys(total)) total[key] += counts[key];
}
process.stdout.write(
  `\n${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}\n`,
);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
