import { setTimeout as sleep } from 'node:timers/promises';
import type { BucketSpec } from '@kirisan/contracts';
import type { Messaging } from '@kirisan/messaging';
import { errorText } from '@kirisan/service';
import { Logger } from '@nestjs/common';
import { WatchSession } from './watch-session.js';

const REOPEN_MS = 100;
const LONGEST_REOPEN_MS = 2_000;
const DECODER = new TextDecoder('utf-8', { fatal: true });

/** A key that was set, changed or removed. */
export interface Change<T> {
  key: string;
  /** Undefined: the key is gone, or holds something that nobody can read. */
  value: T | undefined;
  /** What was known of it before. */
  previous: T | undefined;
  /** Sequence of the bucket; 0 for a key found missing after a reconnection. */
  revision: number;
}

export interface BucketWatchOptions<T> {
  messaging: Messaging;
  bucket: BucketSpec;
  /** Key, or pattern of keys with `*` and `>`; must not be wider than what the NATS user may read. Default: all. */
  keys?: string;
  /** Makes a value of the JSON of an entry; throws or answers undefined for what is none. */
  read: (json: unknown, key: string) => T | undefined;
}

/**
 * A live copy of a key-value bucket, or of those of its keys that match a pattern. It keeps up by itself: when the
 * connection or its consumer is lost, it copies the bucket anew and drops keys that have vanished meanwhile.
 */
export class BucketWatch<T> {
  private readonly logger: Logger;
  private readonly values = new Map<string, T>();
  private readonly listeners = new Set<(change: Change<T>) => void>();
  private readonly syncListeners = new Set<() => void>();
  private session?: WatchSession;
  private running?: Promise<void>;
  private readonly stopping = new AbortController();
  private synced = false;
  private seen?: Set<string>;
  private seenRevision = 0;
  private appliedRevision = 0;
  private waiting: (() => void)[] = [];

  constructor(private readonly options: BucketWatchOptions<T>) {
    this.logger = new Logger(`watch:${options.bucket.name}`);
  }

  start(): void {
    if (this.running) return;
    this.options.messaging.onReconnect(this.onReconnect);
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.session?.end('stopped');
    await this.running;
  }

  /** Whether the copy is complete and live at this moment; false from a lost connection until the copy is made anew. */
  get isCaughtUp(): boolean {
    return this.synced && this.options.messaging.connected;
  }

  /** Resolves as soon as the copy is complete and live; never rejects. */
  async caughtUp(): Promise<void> {
    while (!this.isCaughtUp) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** The highest sequence of the bucket that this copy holds. */
  get revision(): number {
    return this.appliedRevision;
  }

  get size(): number {
    return this.values.size;
  }

  get(key: string): T | undefined {
    return this.values.get(key);
  }

  entries(): IterableIterator<[string, T]> {
    return this.values.entries();
  }

  /** Called for every change after it was applied, first for what was there at the start. Returns how to leave. */
  onChange(listener: (change: Change<T>) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Called whenever the copy has become complete: at the start and after every renewal. Returns how to leave. */
  onSync(listener: () => void): () => void {
    this.syncListeners.add(listener);
    return () => this.syncListeners.delete(listener);
  }

  private readonly onReconnect = (): void => {
    this.synced = false;
    this.session?.end('reconnected');
  };

  private async run(): Promise<void> {
    let delay = REOPEN_MS;
    while (!this.stopping.signal.aborted) {
      const reason = await this.watchOnce();
      if (this.synced) delay = REOPEN_MS;
      this.synced = false;
      if (this.stopping.signal.aborted) return;
      this.logger.warn({ keys: this.options.keys, reason }, 'watching starts anew');
      await sleep(delay, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      delay = Math.min(delay * 2, LONGEST_REOPEN_MS);
    }
  }

  private async watchOnce(): Promise<string> {
    const { messaging, bucket, keys = '>' } = this.options;
    this.seen = new Set();
    this.seenRevision = 0;
    const session = new WatchSession({
      messaging,
      bucket: bucket.name,
      keys,
      onEntry: (key, revision, data) => this.apply(key, revision, data),
      onSynced: () => this.completeSync(),
    });
    this.session = session;
    try {
      return await session.run();
    } catch (error) {
      return errorText(error);
    }
  }

  private apply(key: string, revision: number, data: Uint8Array | undefined): void {
    const value = data === undefined ? undefined : this.parse(key, data);
    if (value !== undefined) this.seen?.add(key);
    this.seenRevision = Math.max(this.seenRevision, revision);
    this.set(key, value, revision);
    if (this.synced) this.advance();
  }

  private parse(key: string, data: Uint8Array): T | undefined {
    try {
      return this.options.read(JSON.parse(DECODER.decode(data)), key);
    } catch (error) {
      this.logger.warn({ key, error: errorText(error) }, 'an entry can not be read and counts as missing');
      return undefined;
    }
  }

  private set(key: string, value: T | undefined, revision: number): void {
    const previous = this.values.get(key);
    if (value === undefined) {
      if (!this.values.delete(key)) return;
    } else this.values.set(key, value);
    for (const listener of this.listeners) this.call(() => listener({ key, value, previous, revision }));
  }

  private completeSync(): void {
    const { seen } = this;
    this.seen = undefined;
    for (const key of this.values.keys()) if (!seen?.has(key)) this.set(key, undefined, 0);
    this.synced = true;
    this.advance();
    for (const listener of this.syncListeners) this.call(listener);
  }

  /** Waiters look again for themselves: what they wait for may have come, or not yet. */
  private advance(): void {
    this.appliedRevision = this.seenRevision;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Resolves with true once {@link revision} is at least `revision` and the copy is live, with false after `timeoutMs`. */
  async atRevision(revision: number, timeoutMs: number): Promise<boolean> {
    const reached = () => this.isCaughtUp && this.appliedRevision >= revision;
    if (reached()) return true;
    const timeout = AbortSignal.timeout(timeoutMs);
    const late = new Promise<void>((resolve) =>
      timeout.addEventListener('abort', () => resolve(), { once: true }),
    );
    while (!reached() && !timeout.aborted) {
      await Promise.race([late, new Promise<void>((resolve) => this.waiting.push(resolve))]);
    }
    return reached();
  }

  private call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.logger.error({ error: errorText(error), stack: (error as Error)?.stack }, 'a listener failed');
    }
  }
}
