import { Exchange, type ExchangeEvents } from './exchange.js';
import type { GuardedConnector } from './guarded-connector.js';
import { checkRequestHeaders } from './headers.js';
import { HttpConnection } from './http-connection.js';
import { IdleConnections } from './idle-connections.js';
import { describeError, OutboundError } from './outbound.errors.js';
import type { SendRequest, SendResult } from './send-result.js';
import type { Target } from './target-guard.js';

export interface SenderOptions {
  connector: GuardedConnector;
  /** Kept of a response body after decompression, bytes. Default 16 KiB. */
  maxBodyBytes?: number;
  /** Read of a response body before the connection is closed, bytes. Default 64 KiB. */
  maxReadBytes?: number;
  /** Head of an answer, bytes; a longer one is a `bad_response`. Default 16 KiB. */
  maxHeadBytes?: number;
  /**
   * Longest idle time after which a connection is still reused, ms; 0 reuses none. Default 100. An origin must first
   * have left a connection open for 2.5 times as long.
   */
  idleMs?: number;
  /** Shortest, ms. Default 2: a server that closes after an answer without saying so has done it by then. */
  restMs?: number;
}

/** Numbers of this moment, and totals since the start. */
export interface SenderStats {
  /** POSTs that have begun and not ended. */
  inFlight: number;
  /** Open connections, idle ones included. */
  connections: number;
  idleConnections: number;
  /** Connections opened since the start. */
  opened: number;
  /** POSTs made on a connection that had carried one before, since the start. */
  reused: number;
}

const MAX_TARGETS = 2_000;

interface KnownTarget extends Target {
  origin: string;
}

/** Makes POSTs to strangers: one try each, no redirects, never behind another request, and an end at the timeout. */
export class Sender {
  private readonly idle: IdleConnections;
  private readonly inFlight = new Map<Exchange, (result: SendResult) => void>();
  private readonly targets = new Map<string, KnownTarget>();
  private readonly answerLimits: { maxBodyBytes: number; maxReadBytes: number };
  private readonly connectionLimits: { maxHeadBytes: number };
  private readonly connector: GuardedConnector;
  private connections = 0;
  private opened = 0;
  private reused = 0;
  private isClosing = false;
  private onDrained: (() => void) | undefined;

  constructor(options: SenderOptions) {
    this.connector = options.connector;
    this.answerLimits = {
      maxBodyBytes: options.maxBodyBytes ?? 16 * 1024,
      maxReadBytes: options.maxReadBytes ?? 64 * 1024,
    };
    this.connectionLimits = { maxHeadBytes: options.maxHeadBytes ?? 16 * 1024 };
    this.idle = new IdleConnections({ idleMs: options.idleMs ?? 100, restMs: options.restMs ?? 2 });
  }

  /** Makes one POST. Never rejects: whatever happens is in the result. */
  post(request: SendRequest): Promise<SendResult> {
    return new Promise((resolve) => {
      const exchange = new Exchange(request, this.answerLimits, this.events);
      this.inFlight.set(exchange, resolve);
      try {
        if (this.isClosing) throw new OutboundError('shutting_down');
        checkRequestHeaders(request.headers);
        exchange.target = this.targetOf(request.url);
        exchange.checkStart();
        this.attach(exchange);
      } catch (error) {
        exchange.fail(asOutboundError(error));
      }
    });
  }

  stats(): SenderStats {
    return {
      inFlight: this.inFlight.size,
      connections: this.connections,
      idleConnections: this.idle.size,
      opened: this.opened,
      reused: this.reused,
    };
  }

  /** Takes no more POSTs and waits for those in flight; what is left after `deadlineMs` ends as `shutting_down`. */
  async close(deadlineMs = 30_000): Promise<void> {
    this.isClosing = true;
    this.idle.destroy();
    if (this.inFlight.size > 0) await this.drained(deadlineMs);
    for (const exchange of [...this.inFlight.keys()]) exchange.cancel(new OutboundError('shutting_down'));
    this.connector.close();
    this.idle.destroy();
  }

  private readonly events: ExchangeEvents = {
    onReusable: (connection) => {
      if (this.isClosing) connection.destroy();
      else this.idle.put(connection);
    },
    onLostOnReuse: (connection) => this.idle.lost(connection.origin),
    onStale: (exchange) => this.attach(exchange),
    onEnd: (exchange, result) => {
      this.inFlight.get(exchange)?.(result);
      this.inFlight.delete(exchange);
      if (this.inFlight.size === 0) this.onDrained?.();
    },
  };

  private attach(exchange: Exchange): void {
    const idle = this.idle.take((exchange.target as KnownTarget).origin);
    if (idle === undefined) {
      void this.connect(exchange);
      return;
    }
    this.reused++;
    exchange.run(idle);
  }

  private async connect(exchange: Exchange): Promise<void> {
    try {
      const socket = await this.connector.connect(exchange.target, exchange.deadline, exchange.timings);
      const { origin } = exchange.target as KnownTarget;
      const connection = new HttpConnection(origin, socket, this.connectionLimits);
      this.opened++;
      this.connections++;
      connection.onceClosed(() => {
        this.connections--;
        this.idle.closed(connection);
      });
      if (exchange.isOver) connection.destroy();
      else exchange.run(connection);
    } catch (error) {
      exchange.fail(asOutboundError(error));
    }
  }

  /** The policy never changes, so a URL that passed it passes again. */
  private targetOf(url: string): KnownTarget {
    const known = this.targets.get(url);
    if (known !== undefined) return known;
    const target = this.connector.guard.target(url);
    if (this.targets.size >= MAX_TARGETS) this.targets.clear();
    const entry = { ...target, origin: target.url.origin };
    this.targets.set(url, entry);
    return entry;
  }

  private drained(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, deadlineMs);
      this.onDrained = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function asOutboundError(error: unknown): OutboundError {
  return error instanceof OutboundError ? error : new OutboundError('internal', describeError(error));
}
