import { setTimeout as sleep } from 'node:timers/promises';
import type { Child, ExitInfo } from './child.js';

/** What a server is to the outside, whatever it serves. */
export interface Server {
  /** Throws while it does not run. */
  readonly pid: number;
  readonly running: boolean;
  /** Starts it after a stop, a kill or a crash, with the same data on the same port. */
  start(): Promise<void>;
  /** Asks it to end and waits for it; SIGKILL when it takes too long. Harmless if it is stopped already. */
  stop(): Promise<void>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** Stops it if it runs, and starts it. */
  restart(): Promise<void>;
  /** Sends a signal without waiting for what it does. */
  signal(name: NodeJS.Signals): void;
  /** Calls the listener whenever the process ends without having been asked to by `stop` or `kill`. */
  onCrash(listener: (exit: ExitInfo) => void): void;
}

/** How {@link ServerProcess} handles one kind of server. */
export interface ServerRecipe {
  name: string;
  /** Starts the process and resolves when it serves; rejects when it does not get there. */
  launch(): Promise<Child>;
  stopSignal: NodeJS.Signals;
  stopTimeoutMs: number;
}

/** Start, stop, kill and restart of one server process. */
export class ServerProcess implements Server {
  private child?: Child;
  private readonly listeners: ((exit: ExitInfo) => void)[] = [];

  constructor(private readonly recipe: ServerRecipe) {}

  get running(): boolean {
    return this.child !== undefined;
  }

  get pid(): number {
    if (!this.child) throw new Error(`${this.recipe.name} does not run`);
    return this.child.pid;
  }

  async start(): Promise<void> {
    const child = await this.recipe.launch();
    this.child = child;
    void child.exited.then((exit) => {
      if (this.child !== child) return;
      this.child = undefined;
      for (const listener of this.listeners) listener(exit);
    });
  }

  stop(): Promise<void> {
    return this.end();
  }

  private async end(): Promise<void> {
    const child = this.release();
    if (!child) return;
    child.signal(this.recipe.stopSignal);
    child.signal('SIGCONT');
    const ended = await Promise.race([
      child.exited,
      sleep(this.recipe.stopTimeoutMs, undefined, { ref: false }),
    ]);
    if (!ended) child.signal('SIGKILL');
    await child.exited;
  }

  async kill(): Promise<void> {
    const child = this.release();
    child?.signal('SIGKILL');
    await child?.exited;
  }

  async restart(): Promise<void> {
    await this.end();
    await this.start();
  }

  onCrash(listener: (exit: ExitInfo) => void): void {
    this.listeners.push(listener);
  }

  signal(name: NodeJS.Signals): void {
    this.child?.signal(name);
  }

  private release(): Child | undefined {
    const child = this.child;
    this.child = undefined;
    child?.hold();
    return child;
  }
}
