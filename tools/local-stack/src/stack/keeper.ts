import type { ExitInfo } from '../process/child.js';
import type { Server } from '../process/server-process.js';

/** Delays of restarts, in milliseconds. */
export interface Backoff {
  firstMs: number;
  longestMs: number;
  /** A process that lived this long starts again with the first delay. */
  healthyMs: number;
}

/** 1 s, doubling to 30 s. */
const DEFAULT_BACKOFF: Backoff = { firstMs: 1_000, longestMs: 30_000, healthyMs: 60_000 };

/** Hears what a {@link Keeper} does. */
export interface KeeperEvents {
  /** The pid has changed, or there is none. */
  changed(): void;
  note(text: string): void;
}

/** Keeps one process running: starts it again when it dies, later each time. */
export class Keeper {
  /** Crashes so far. */
  crashes = 0;
  private delayMs: number;
  private startedAt = performance.now();
  private timer?: NodeJS.Timeout;
  private starting?: Promise<void>;
  private stopped = false;

  constructor(
    readonly name: string,
    private readonly server: Server,
    private readonly events: KeeperEvents,
    private readonly backoff: Backoff = DEFAULT_BACKOFF,
  ) {
    this.delayMs = backoff.firstMs;
    server.onCrash((exit) => this.crashed(exit));
  }

  get pid(): number | undefined {
    return this.server.running ? this.server.pid : undefined;
  }

  /** Not needed for a server that runs already. */
  async start(): Promise<void> {
    this.starting = this.server.start();
    await this.starting;
    this.startedAt = performance.now();
    this.events.changed();
  }

  /** Stops it, if it runs, and starts it without delay. */
  async restart(): Promise<void> {
    await this.rest();
    await this.server.stop();
    await this.start();
  }

  /** Until {@link start}. */
  async takeDown(): Promise<void> {
    await this.rest();
    await this.server.stop();
    this.events.changed();
  }

  /** For good. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.rest();
    await this.server.stop();
    this.events.changed();
  }

  /** SIGKILL, for good. */
  async kill(): Promise<void> {
    this.stopped = true;
    await this.rest();
    await this.server.kill();
  }

  signal(name: NodeJS.Signals): void {
    this.server.signal(name);
  }

  /** Lets a start that is under way end, and makes no other one. */
  private async rest(): Promise<void> {
    clearTimeout(this.timer);
    await this.starting?.catch(() => undefined);
  }

  private crashed({ code, signal }: ExitInfo): void {
    this.crashes++;
    this.events.changed();
    if (this.stopped) return;
    this.again(`${this.name} ended (${signal ?? `code ${code}`})`);
  }

  private again(reason: string): void {
    if (performance.now() - this.startedAt >= this.backoff.healthyMs) this.delayMs = this.backoff.firstMs;
    const delayMs = this.delayMs;
    this.delayMs = Math.min(delayMs * 2, this.backoff.longestMs);
    this.events.note(`${reason}, starts again in ${delayMs / 1000} s`);
    this.timer = setTimeout(() => void this.tryStart(), delayMs);
  }

  private async tryStart(): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      if (!this.stopped) this.again(`${this.name} did not start: ${(error as Error).message}`);
    }
  }
}
