import type { HttpConnection } from './http-connection.js';

export interface IdleLimits {
  /** A connection that was idle for longer is not reused, ms. */
  idleMs: number;
  /** One that was idle for less is not reused yet, ms: a server that closes without saying so has done it by then. */
  restMs: number;
  /** For how long an origin that closed a reused connection gets fresh connections only, ms. */
  distrustMs: number;
}

const MAX_DISTRUSTED = 10_000;

/** Connections that wait for their next request; only for a moment, since there is no second attempt on a dead one. */
export class IdleConnections {
  private readonly byOrigin = new Map<string, HttpConnection[]>();
  private readonly distrusted = new Map<string, number>();
  private count = 0;

  constructor(private readonly limits: IdleLimits) {}

  get size(): number {
    return this.count;
  }

  /** Origins that have an idle connection. */
  get origins(): number {
    return this.byOrigin.size;
  }

  /** The connection that is idle for longest and still usable; it is the caller's now. */
  take(origin: string): HttpConnection | undefined {
    const idle = this.byOrigin.get(origin);
    if (idle === undefined) return undefined;
    const now = performance.now();
    for (let oldest = idle[0]; oldest !== undefined; oldest = idle[0]) {
      const age = now - oldest.idleSince;
      if (age < this.limits.restMs) return undefined;
      this.remove(oldest);
      if (age <= this.limits.idleMs && oldest.isOpen) return oldest;
      oldest.destroy();
    }
    return undefined;
  }

  /** Keeps a connection whose exchange is over, or closes it if its origin is distrusted. */
  put(connection: HttpConnection): void {
    if (this.isDistrusted(connection.origin)) {
      connection.destroy();
      return;
    }
    connection.idleSince = performance.now();
    const idle = this.byOrigin.get(connection.origin);
    if (idle === undefined) this.byOrigin.set(connection.origin, [connection]);
    else idle.push(connection);
    this.count++;
  }

  /** Forgets a connection, for instance because it closed. */
  remove(connection: HttpConnection): void {
    const idle = this.byOrigin.get(connection.origin);
    const index = idle?.indexOf(connection) ?? -1;
    if (idle === undefined || index < 0) return;
    idle.splice(index, 1);
    this.count--;
    if (idle.length === 0) this.byOrigin.delete(connection.origin);
  }

  /** A request was lost on a reused connection of this origin: no reuse for a while. */
  distrust(origin: string): void {
    if (this.limits.distrustMs <= 0) return;
    this.distrusted.delete(origin);
    if (this.distrusted.size >= MAX_DISTRUSTED) this.distrusted.delete(this.distrusted.keys().next().value!);
    this.distrusted.set(origin, performance.now() + this.limits.distrustMs);
    for (const connection of [...(this.byOrigin.get(origin) ?? [])]) {
      this.remove(connection);
      connection.destroy();
    }
  }

  destroy(): void {
    for (const idle of this.byOrigin.values()) for (const connection of idle) connection.destroy();
    this.byOrigin.clear();
    this.count = 0;
  }

  private isDistrusted(origin: string): boolean {
    const until = this.distrusted.get(origin);
    if (until === undefined) return false;
    if (performance.now() < until) return true;
    this.distrusted.delete(origin);
    return false;
  }
}
