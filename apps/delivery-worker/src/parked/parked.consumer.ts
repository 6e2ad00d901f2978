import {
  AckPolicy,
  type Consumer,
  type ConsumerInfo,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { parkedConsumer, STREAMS, SUBJECTS } from '@kirisan/contracts';
import { ACK_WAIT_MS, type Messaging } from '@kirisan/messaging';
import { errorText } from '@kirisan/service';

/** After so long without a worker that asks, the consumer goes; what is parked stays. */
const INACTIVE_MS = 10 * 60_000;
const MAX_ACK_PENDING = 1_000;
/** The shortest that the server takes; what is there comes at once. */
const FETCH_MS = 1_000;

/** What is parked for one endpoint: a durable consumer that all workers share, made when it is needed. */
export class ParkedConsumer {
  private manager?: JetStreamManager;
  private consumer?: Consumer;

  constructor(
    private readonly messaging: Messaging,
    private readonly endpointId: string,
  ) {}

  /** Matches that are still to be claimed, by this worker or another. Throws when NATS is away. */
  async waiting(): Promise<number> {
    const consumer = await this.open();
    try {
      const info = await consumer.info();
      const waiting = info.num_pending + info.num_ack_pending;
      if (waiting === 0) await this.removeIfAhead(info);
      return waiting;
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** Hands out up to `count` messages; fewer if there are no more. Throws when NATS is away or the consumer is gone. */
  async fetch(count: number, take: (message: JsMsg) => void): Promise<void> {
    const consumer = await this.open();
    try {
      const messages = await consumer.fetch({ max_messages: count, expires: FETCH_MS });
      for await (const message of messages) take(message);
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  private async open(): Promise<Consumer> {
    this.consumer ??= this.messaging.js.consumers.getConsumerFromInfo(await this.make());
    return this.consumer;
  }

  /** One that another version of this service made with other limits does as well. */
  private async make(): Promise<ConsumerInfo> {
    const manager = (this.manager ??= await this.messaging.manager());
    const stream = STREAMS.PARKED.name;
    const name = parkedConsumer(this.endpointId);
    try {
      return await manager.consumers.add(stream, {
        durable_name: name,
        filter_subject: SUBJECTS.parked(this.endpointId),
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(ACK_WAIT_MS),
        max_ack_pending: MAX_ACK_PENDING,
        max_deliver: -1,
        inactive_threshold: nanos(INACTIVE_MS),
      });
    } catch (error) {
      if (/already exists/i.test(errorText(error))) return manager.consumers.info(stream, name);
      throw error;
    }
  }

  /** A stream that was restored from an older copy would be passed over; the next look makes the consumer anew. */
  private async removeIfAhead({ delivered }: ConsumerInfo): Promise<void> {
    const manager = (this.manager ??= await this.messaging.manager());
    const stream = STREAMS.PARKED.name;
    if (delivered.stream_seq <= (await manager.streams.info(stream)).state.last_seq) return;
    await manager.consumers.delete(stream, parkedConsumer(this.endpointId));
    this.forget();
  }

  private forget(): void {
    this.consumer = undefined;
  }
}
