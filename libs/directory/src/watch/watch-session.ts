import { randomUUID } from 'node:crypto';
import { AckPolicy, DeliverPolicy, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Messaging } from '@kirisan/messaging';

const HEARTBEAT_MS = 1_000;
/** Idle heartbeats in a row after which nothing more can be under way, whatever the pending count said. */
const QUIET_HEARTBEATS = 2;

export interface WatchSessionOptions {
  messaging: Messaging;
  bucket: string;
  /** Key or pattern of keys. */
  keys: string;
  /** Called for every entry in the order of the bucket; `data` is undefined for a deleted key. */
  onEntry: (key: string, revision: number, data: Uint8Array | undefined) => void;
  /** Called once, when everything that was in the bucket at the start has been handed out. */
  onSynced: () => void;
}

/** One consumer over a bucket, from its creation until anything is wrong with it; then a new session takes its place. */
export class WatchSession {
  private readonly prefix: string;
  private messages?: ConsumerMessages;
  private delivered = 0;
  private quiet = 0;
  private synced = false;
  private finish: (reason: string) => void = () => undefined;
  private readonly finished = new Promise<string>((resolve) => (this.finish = resolve));

  constructor(private readonly options: WatchSessionOptions) {
    this.prefix = `$KV.${options.bucket}.`;
  }

  /** Resolves with the reason when the session is over; rejects when it could not begin. */
  async run(): Promise<string> {
    const { messaging } = this.options;
    const deliverSubject = messaging.newInbox();
    // Listening comes before the consumer exists, so that nothing it sends is missed.
    const consumer = await messaging.js.consumers.getBoundPushConsumer({
      deliver_subject: deliverSubject,
      idle_heartbeat: nanos(HEARTBEAT_MS),
    });
    const messages = await consumer.consume({ callback: (message) => this.take(message) });
    this.messages = messages;
    void this.follow(messages);
    void messages.closed().then(() => this.end('the subscription was closed'));
    try {
      await this.create(deliverSubject);
      return await this.finished;
    } finally {
      messages.stop();
    }
  }

  end(reason: string): void {
    this.messages?.stop();
    this.finish(reason);
  }

  private async create(deliverSubject: string): Promise<void> {
    const { messaging, bucket, keys } = this.options;
    const manager = await messaging.manager();
    const info = await manager.consumers.add(`KV_${bucket}`, {
      name: `watch-${randomUUID()}`,
      deliver_subject: deliverSubject,
      deliver_policy: DeliverPolicy.LastPerSubject,
      ack_policy: AckPolicy.None,
      filter_subject: `${this.prefix}${keys}`,
      flow_control: true,
      idle_heartbeat: nanos(HEARTBEAT_MS),
      max_deliver: 1,
      mem_storage: true,
      num_replicas: 1,
    });
    if (info.num_pending === 0 && info.delivered.consumer_seq === 0) this.markSynced();
  }

  private take(message: JsMsg): void {
    const { deliverySequence, streamSequence, pending } = message.info;
    if (deliverySequence !== this.delivered + 1) return this.end('messages were lost on the way');
    this.delivered = deliverySequence;
    this.quiet = 0;
    this.options.onEntry(
      message.subject.slice(this.prefix.length),
      streamSequence,
      isDeletion(message) ? undefined : message.data,
    );
    if (pending === 0) this.markSynced();
  }

  private async follow(messages: ConsumerMessages): Promise<void> {
    for await (const status of messages.status()) {
      if (status.type === 'heartbeats_missed') this.end('the server went silent');
      if (status.type === 'consumer_deleted') this.end('the consumer is gone');
      if (status.type === 'heartbeat') this.heartbeat(status.lastConsumerSequence);
    }
  }

  private heartbeat(lastConsumerSequence: number): void {
    if (lastConsumerSequence > this.delivered) return this.end('messages were lost on the way');
    if (++this.quiet >= QUIET_HEARTBEATS) this.markSynced();
  }

  private markSynced(): void {
    if (this.synced) return;
    this.synced = true;
    this.options.onSynced();
  }
}

function isDeletion({ headers }: JsMsg): boolean {
  if (!headers) return false;
  const operation = headers.get('KV-Operation');
  return operation === 'DEL' || operation === 'PURGE' || headers.has('Nats-Marker-Reason');
}
