import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '../wait-for.js';
import { commandLine } from './take-over.js';

const SCRIPT = join(import.meta.dirname, '..', '..', 'guard.sh');
/** Holds a guard for a process that ignores every polite signal, then waits to be killed. */
const PARENT = `
const { spawn } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const [script, dir, signal] = process.argv.slice(1);
const stubborn = spawn('sh', ['-c', 'trap "" TERM INT QUIT; echo up; while :; do sleep 1; done'], { detached: true });
spawn('sh', [script, dir], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
stubborn.stdout.once('data', () => {
  writeFileSync(dir + '/' + stubborn.pid + '.pid', signal + '\\n');
  console.log(stubborn.pid);
});
`;

describe('guard.sh', () => {
  let dir: string;
  let parent: ChildProcess;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'kirisan-guard-'));
  });
  afterEach(() => void parent.kill('SIGKILL'));

  async function startParent(signal: string): Promise<number> {
    parent = spawn(process.execPath, ['-e', PARENT, SCRIPT, dir, signal], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout as NonNullable<ChildProcess['stdout']>, 'data')) as [Buffer];
    return Number(line);
  }

  it.each([
    ['KILL', 1_000],
    ['QUIT', 8_000],
  ])('ends what a killed parent left (%s), and itself, within %i ms', async (signal, timeoutMs) => {
    const left = await startParent(signal);
    expect(commandLine(left)).toContain('trap');
    parent.kill('SIGKILL');
    await waitFor(() => !commandLine(left), { timeoutMs, what: 'the end of the left-over' });
    await waitFor(() => !existsSync(dir), { what: 'the end of the guard' });
  });

  it('does nothing while the parent lives', async () => {
    const left = await startParent('KILL');
    writeFileSync(join(dir, 'other-file'), '');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(commandLine(left)).toContain('trap');
  });
});
