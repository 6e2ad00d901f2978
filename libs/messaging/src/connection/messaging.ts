import { type JetStreamClient, jetstream, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import {
  type ConnectionOptions,
  createInbox,
  headers,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
} from '@nats-io/transport-node';
import type { BucketSpec } from '@kirisan/contracts';
import { errorText, PermanentError, TransientError } from '@kirisan/service';

/** Header of a reply that is no answer: the responder's reason. */
export const ERROR_HEADER = 'Kirisan-Error';
/** Set beside it when the same request can never be answered. */
export const PERMANENT_HEADER = 'Kirisan-Permanent';

/** How long the stream may take to acknowledge, in milliseconds. */
const PUBLISH_TIMEOUT_MS = 5_000;

/**
 * The process' one connection to NATS. Publishing is acknowledged by the stream or throws; nothing waits in a local
 * buffer while NATS is away, so that whoever asked knows at once.
 */
export class Messaging {
  readonly js: JetStreamClient;
  private up = true;
  private readonly kvm: Kvm;
  private readonly reconnected = new Set<() => void>();

  constructor(readonly nc: NatsConnection) {
    this.js = jetstream(nc);
    this.kvm = new Kvm(this.js);
    void this.follow();
  }

  /** Whether the connection is up at this moment. */
  get connected(): boolean {
    return this.up && !this.nc.isClosed();
  }

  /** Called after every reconnection. */
  onReconnect(listener: () => void): void {
    this.reconnected.add(listener);
  }

  /** For topology and inspection. Does not ask the server anything by itself. */
  manager(): Promise<JetStreamManager> {
    return jetstreamManager(this.nc, { checkAPI: false });
  }

  /** Stores a message in the stream that covers the subject. Throws `TransientError` unless the stream acknowledged it. */
  async publish(subject: string, data: Uint8Array, facts?: Record<string, string>): Promise<void> {
    this.assertFits(data);
    this.assertConnected(subject);
    try {
      await this.js.publish(subject, data, {
        timeout: PUBLISH_TIMEOUT_MS,
        ...(facts && { headers: toHeaders(facts) }),
      });
    } catch (error) {
      throw new TransientError(`the stream for ${subject} did not acknowledge: ${errorText(error)}`);
    }
  }

  /**
   * Asks whoever serves the subject. Throws `PermanentError` when the same request can never be answered, and
   * `TransientError` when nobody answers in time or the answer is any other error.
   */
  async request(
    subject: string,
    data: Uint8Array,
    { timeoutMs }: { timeoutMs: number },
  ): Promise<Uint8Array> {
    this.assertFits(data);
    this.assertConnected(subject);
    let reply: Msg;
    try {
      reply = await this.nc.request(subject, data, { timeout: timeoutMs });
    } catch (error) {
      throw new TransientError(`no answer on ${subject}: ${errorText(error)}`);
    }
    const problem = reply.headers?.get(ERROR_HEADER);
    if (problem) throw answeredError(`${subject} answered: ${problem}`, reply);
    return reply.data;
  }

  /** Tells whoever listens right now; lost when nobody does or the connection is down. */
  emit(subject: string, data: Uint8Array): void {
    if (this.connected) this.nc.publish(subject, data);
  }

  /** Opens a bucket that the topology has made. Direct reads name the key in their subject, so that rights can be limited to keys. */
  bucket(spec: BucketSpec): Promise<KV> {
    return this.kvm.open(spec.name, { allow_direct: true });
  }

  /** A new subject that only this user may listen to. */
  newInbox(): string {
    const { options } = this.nc as NatsConnection & { options?: ConnectionOptions };
    return createInbox(options?.inboxPrefix);
  }

  /** Sends what is buffered and closes. */
  async close(): Promise<void> {
    if (!this.nc.isClosed()) await this.nc.drain().catch(() => this.nc.close());
  }

  private get maxPayload(): number {
    return this.nc.info?.max_payload ?? Infinity;
  }

  private assertFits(data: Uint8Array): void {
    if (data.byteLength <= this.maxPayload) return;
    throw new PermanentError(`a message of ${data.byteLength} bytes exceeds the server's ${this.maxPayload}`);
  }

  private assertConnected(subject: string): void {
    if (!this.connected) throw new TransientError(`NATS is away, nothing can be sent to ${subject}`);
  }

  private async follow(): Promise<void> {
    for await (const { type } of this.nc.status()) {
      if (type === 'disconnect' || type === 'staleConnection') this.up = false;
      if (type === 'reconnect') {
        this.up = true;
        for (const listener of this.reconnected) listener();
      }
    }
    this.up = false;
  }
}

function answeredError(text: string, { headers }: Msg): Error {
  return headers?.get(PERMANENT_HEADER) ? new PermanentError(text) : new TransientError(text);
}

export function toHeaders(facts: Record<string, string>): MsgHdrs {
  const result = headers();
  for (const [name, value] of Object.entries(facts)) result.set(name, value);
  return result;
}
