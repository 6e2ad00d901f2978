import type { Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import { InterimFilter } from './interim-filter.js';

/** The connection was gone before the request could be written. */
export class ConnectionGoneError extends Error {}

export interface HttpConnectionLimits {
  /** Head of an answer, bytes. */
  maxHeadBytes: number;
}

/** A server that says it closes idle connections within this time, ms, has none of them reused. */
const SHORTEST_HINT_MS = 1_000;
/** Idle connections are closed long before this, by whoever keeps them. */
const LONGEST_IDLE_MS = 60_000;

/** One connection that carries one request at a time; undici speaks HTTP on it, and never opens another one. */
export class HttpConnection {
  /** Requests begun on it. */
  uses = 0;
  /** `performance.now()` when it became idle. */
  idleSince = 0;
  private readonly client: Client;
  private readonly filter: InterimFilter;

  constructor(
    /** `https://host:port`: requests to the same origin may share a connection. */
    readonly origin: string,
    private readonly socket: Socket,
    limits: HttpConnectionLimits,
  ) {
    this.filter = new InterimFilter(socket);
    let isTaken = false;
    this.client = new Client(origin, {
      pipelining: 1,
      keepAliveTimeout: LONGEST_IDLE_MS,
      keepAliveMaxTimeout: LONGEST_IDLE_MS,
      keepAliveTimeoutThreshold: SHORTEST_HINT_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: limits.maxHeadBytes,
      connect: (_options, callback) => {
        // undici needs its answer in a later turn.
        if (isTaken) queueMicrotask(() => callback(new ConnectionGoneError(), null));
        else queueMicrotask(() => callback(null, socket));
        isTaken = true;
      },
    });
  }

  /** Whether an earlier request has used it. */
  get isReused(): boolean {
    return this.uses > 1;
  }

  get isOpen(): boolean {
    return !this.socket.destroyed && !this.socket.readableEnded && !this.socket.writableEnded;
  }

  /** Whether everything that was written has left this process. */
  get isFlushed(): boolean {
    return this.socket.writableLength === 0;
  }

  /** Begins one request; the handler hears of everything else, `onExcess` if more than `budget` bytes come back. */
  dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
    budget: number,
    onExcess: () => void,
  ): void {
    this.uses++;
    this.filter.begin(budget, onExcess);
    this.client.dispatch(options, handler);
  }

  /** Lowers the budget of the request under way to this many further bytes. */
  limitBytes(budget: number): void {
    this.filter.limit(budget);
  }

  onceClosed(listener: () => void): void {
    this.socket.once('close', listener);
  }

  destroy(): void {
    this.socket.destroy();
  }
}
