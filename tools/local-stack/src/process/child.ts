import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { guard, unguard, type LastSignal } from './guard.js';

/** What to run. `logFile` takes its output; without one it is piped to `output`. */
export interface ChildSpec {
  command: string;
  args: readonly string[];
  cwd?: string;
  env?: Record<string, string | undefined>;
  uid?: number;
  gid?: number;
  logFile?: string;
  lastSignal: LastSignal;
}

/** How a process ended. */
export interface ExitInfo {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running process in a process group of its own: a Ctrl-C in the terminal does not reach it. */
export interface Child {
  readonly pid: number;
  readonly exited: Promise<ExitInfo>;
  /** Streams to read from, if the output is piped. */
  readonly output: readonly Readable[];
  running(): boolean;
  /** False if the process is gone already. */
  signal(name: NodeJS.Signals): boolean;
  /** Keeps this process alive until the child has ended. */
  hold(): void;
}

/** Starts a process that ends when this one does, however this one ends. Rejects if it cannot be started. */
export async function startChild(spec: ChildSpec): Promise<Child> {
  const log = spec.logFile === undefined ? undefined : openSync(spec.logFile, 'a', 0o600);
  const child = spawn(spec.command, [...spec.args], {
    cwd: spec.cwd,
    env: spec.env as NodeJS.ProcessEnv | undefined,
    uid: spec.uid,
    gid: spec.gid,
    detached: true,
    stdio: ['ignore', log ?? 'pipe', log ?? 'pipe'],
  });
  if (log !== undefined) closeSync(log);
  await started(child);
  const pid = child.pid as number;
  guard(pid, spec.lastSignal);
  child.unref();
  return wrap(child, pid);
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}

function wrap(child: ChildProcess, pid: number): Child {
  const running = () => child.exitCode === null && child.signalCode === null;
  const exited = new Promise<ExitInfo>((resolve) => {
    const end = () => {
      unguard(pid);
      resolve({ code: child.exitCode, signal: child.signalCode });
    };
    if (running()) child.once('exit', end);
    else end();
  });
  return {
    pid,
    exited,
    output: [child.stdout, child.stderr].filter((stream) => stream !== null),
    running,
    signal: (name) => running() && child.kill(name),
    hold: () => child.ref(),
  };
}
