import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from './free-port.js';
import { ensureNatsServer } from './servers/nats-binary.js';
import { commandLine, pidAlive } from './process/take-over.js';
import type { StackFile } from './stack/stack-file.js';
import { temporaryCheckout } from './testing/temporary-checkout.js';
import { waitFor } from './wait-for.js';

/** One `npm start`, as a terminal runs it: in a process group of its own. */
class Start {
  output = '';
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;

  constructor(root: string, env: Record<string, string>) {
    const { KIRISAN_GUARD_DIR: _, NODE_OPTIONS: __, ...own } = process.env;
    this.child = spawn('npm', ['start'], { cwd: root, env: { ...own, ...env }, detached: true });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (data: Buffer) => (this.output += data.toString()));
    }
    this.ended = once(this.child, 'close');
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async says(what: RegExp): Promise<void> {
    await waitFor(() => what.test(this.output) || !this.running, { timeoutMs: 50_000 });
    if (!what.test(this.output)) throw new Error(`npm start did not say ${what}:\n${this.output}`);
  }

  /** The guard ends the rest. */
  end(): void {
    if (this.running) process.kill(-(this.child.pid as number), 'SIGKILL');
  }

  /** What a Ctrl-C does: the terminal signals the whole group. */
  interrupt(): void {
    process.kill(-(this.child.pid as number), 'SIGINT');
  }
}

describe('npm start', () => {
  let root: string;
  let ports: Record<string, string>;
  let binary: string;
  let start: Start | undefined;
  const stack = () => JSON.parse(readFileSync(join(root, '.local', 'stack.json'), 'utf8')) as StackFile;
  const supervisor = () =>
    (JSON.parse(readFileSync(join(root, '.local', 'stack.lock'), 'utf8')) as { pid: number }).pid;
  const log = (service: string) => readFileSync(join(root, '.local', 'logs', `${service}.log`), 'utf8');
  const allGone = (pids: Record<string, number>) =>
    waitFor(() => Object.values(pids).every((pid) => !commandLine(pid)), {
      what: 'the end of every process',
    });

  async function up(env: Record<string, string> = {}): Promise<Start> {
    start = new Start(root, { KIRISAN_NATS_SERVER: binary, ...ports, ...env });
    await start.says(/curl/);
    return start;
  }

  beforeAll(async () => {
    root = temporaryCheckout();
    const names = ['POSTGRES', 'NATS', 'REGISTRY', 'ROUTER', 'INGESTOR_DEMO'];
    binary = await ensureNatsServer();
    ports = Object.fromEntries(
      await Promise.all(names.map(async (name) => [`${name}_PORT`, String(await freePort())])),
    );
  });
  afterEach(async () => {
    start?.end();
    await start?.ended;
  });

  it('builds, comes up, refuses a second start, and ends on Ctrl-C after the services have finished', async () => {
    const first = await up({ DUMMY_STOP_MS: '1500' });
    expect(first.output).toContain('Building');
    const { pids, registry } = stack();
    expect((await fetch(`${registry}/health/ready`)).status).toBe(200);
    const second = new Start(root, ports);
    await second.ended;
    expect(second.child.exitCode).toBe(1);
    expect(second.output).toContain(`It runs already (process ${supervisor()})`);
    first.interrupt();
    await first.ended;
    for (const pid of Object.values(pids)) expect(pidAlive(pid)).toBe(false);
    expect(log('router')).toMatch(/listening.*\ngot SIGTERM\nfinished\n$/);
  }, 120_000);

  it('starts without building a second time, and a second Ctrl-C does not wait for the services', async () => {
    const begun = performance.now();
    const again = await up({ DUMMY_STOP_MS: '20000' });
    expect(again.output).not.toContain('Building');
    expect(performance.now() - begun).toBeLessThan(10_000);
    const { pids } = stack();
    again.interrupt();
    await again.says(/stopping/);
    await new Promise((resolve) => setTimeout(resolve, 700));
    again.interrupt();
    await again.ended;
    await allGone(pids);
  }, 60_000);

  it('takes everything with it when it is killed, and starts again with what it had', async () => {
    const killed = await up();
    const { pids, internalToken } = stack();
    process.kill(supervisor(), 'SIGKILL');
    await killed.ended;
    await allGone(pids);
    await up();
    expect(stack().internalToken).toBe(internalToken);
  }, 60_000);

  it('starts again after the kill of supervisor and guard, though services live on', async () => {
    const killed = await up();
    const { pids } = stack();
    const guards = await guardsOf(supervisor());
    for (const { pid, dir } of guards) {
      process.kill(pid, 'SIGKILL');
      rmSync(dir, { recursive: true });
    }
    process.kill(supervisor(), 'SIGKILL');
    await killed.ended;
    expect(Object.values(pids).every((pid) => commandLine(pid))).toBe(true);
    await up();
    await allGone(pids);
  }, 60_000);
});

async function guardsOf(parent: number): Promise<{ pid: number; dir: string }[]> {
  const ps = spawn('ps', ['-o', 'pid=,args=', '--ppid', String(parent)]);
  let list = '';
  ps.stdout.on('data', (data: Buffer) => (list += data.toString()));
  await once(ps, 'close');
  const guards = [...list.matchAll(/^\s*(\d+) .*guard\.sh (\S+)$/gm)];
  expect(guards).toHaveLength(1);
  return guards.map(([, pid, dir]) => ({ pid: Number(pid), dir: dir as string }));
}
