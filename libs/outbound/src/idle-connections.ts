import type { HttpConnection } from './http-connection.js';
import { OriginTrust } from './origin-trust.js';

export interface IdleLimits {
  /** A connection that was idle for longer is not reused, ms; 0 reuses none. */
  idleMs: number;
  /** One that was idle for less is not reused yet, ms: a server that closes without saying so has done it by then. */
  restMs: number;
}

/** An origin must have left a connection open for so many times `idleMs` before any of its connections is reused. */
const PROBE_FACTOR = 2.5;
const TRUST_MS = 600_000;
const DISTRUST_AFTER_CLOSE_MS = 30_000;
const DISTRUST_AFTER_LOSS_MS = 600_000;

/**
 * Connections that wait for their next request, for a moment only, since there is no second attempt on a dead one.
 *
 * Checking a socket right before it is written to leaves a gap in which the server may close it; a POST that falls into
 * the gap is lost. So the first idle connection to an origin is a probe: it is not used, only watched. If the server
 * leaves it open for much longer than connections are ever reused, its idle timeout cannot fall into our window, and
 * the connections of this origin are reused. A server that closes earlier gets a fresh connection for each POST.
 */
export class IdleConnections {
  private readonly byOrigin = new Map<string, HttpConnection[]>();
  private readonly probes = new Map<string, { connection: HttpConnection; timer: NodeJS.Timeout }>();
  private readonly trust = new OriginTrust();
  private count = 0;
  private sweeper: NodeJS.Timeout | undefined;

  constructor(private readonly limits: IdleLimits) {}

  /** Idle connections, probes included. */
  get size(): number {
    return this.count + this.probes.size;
  }

  /** The connection that is idle for longest and still usable; it is the caller's now. */
  take(origin: string): HttpConnection | undefined {
    const idle = this.byOrigin.get(origin);
    if (idle === undefined || this.trust.of(origin) !== 'trusted') return undefined;
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

  /** Keeps a connection whose exchange is over, or closes it. */
  put(connection: HttpConnection): void {
    const { origin } = connection;
    const opinion = this.trust.of(origin);
    if (opinion === 'trusted' && this.limits.idleMs > 0) this.keep(connection);
    else if (opinion === undefined && this.limits.idleMs > 0 && !this.probes.has(origin))
      this.probe(connection);
    else connection.destroy();
  }

  /** To be called when any connection closed: if it was idle, it was the server that did it. */
  closed(connection: HttpConnection): void {
    const { origin } = connection;
    const wasProbe = this.probes.get(origin)?.connection === connection;
    if (wasProbe) this.endProbe(origin);
    if (this.remove(connection) || wasProbe) this.trust.set(origin, 'distrusted', DISTRUST_AFTER_CLOSE_MS);
  }

  /** A request was lost on a reused connection of this origin. */
  lost(origin: string): void {
    this.trust.set(origin, 'distrusted', DISTRUST_AFTER_LOSS_MS);
  }

  /** Closes all of them. */
  destroy(): void {
    for (const [origin, { connection }] of [...this.probes]) {
      this.endProbe(origin);
      connection.destroy();
    }
    for (const idle of [...this.byOrigin.values()]) this.close(idle);
  }

  private keep(connection: HttpConnection): void {
    connection.idleSince = performance.now();
    const idle = this.byOrigin.get(connection.origin);
    if (idle === undefined) this.byOrigin.set(connection.origin, [connection]);
    else idle.push(connection);
    this.count++;
    this.sweeper ??= setInterval(() => this.sweep(), this.limits.idleMs).unref();
  }

  private probe(connection: HttpConnection): void {
    const { origin } = connection;
    const timer = setTimeout(() => {
      // A busy loop may have news of the socket that it has not read yet.
      setImmediate(() => this.judge(connection));
    }, this.limits.idleMs * PROBE_FACTOR).unref();
    this.probes.set(origin, { connection, timer });
  }

  private judge(connection: HttpConnection): void {
    const { origin } = connection;
    if (this.probes.get(origin)?.connection !== connection || !connection.isOpen) return;
    this.endProbe(origin);
    this.trust.set(origin, 'trusted', TRUST_MS);
    connection.destroy();
  }

  private endProbe(origin: string): void {
    clearTimeout(this.probes.get(origin)?.timer);
    this.probes.delete(origin);
  }

  private remove(connection: HttpConnection): boolean {
    const idle = this.byOrigin.get(connection.origin);
    const index = idle?.indexOf(connection) ?? -1;
    if (idle === undefined || index < 0) return false;
    idle.splice(index, 1);
    this.count--;
    if (idle.length === 0) this.byOrigin.delete(connection.origin);
    return true;
  }

  private sweep(): void {
    const oldest = performance.now() - this.limits.idleMs;
    for (const idle of [...this.byOrigin.values()])
      this.close(idle.filter((connection) => connection.idleSince < oldest));
    if (this.count > 0) return;
    clearInterval(this.sweeper);
    this.sweeper = undefined;
  }

  private close(connections: HttpConnection[]): void {
    for (const connection of [...connections]) {
      this.remove(connection);
      connection.destroy();
    }
  }
}
