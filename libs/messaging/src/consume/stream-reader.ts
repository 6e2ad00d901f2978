import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumerSpec } from '@kirisan/contracts';
import { errorText } from '@kirisan/service';
import type { ConsumerMessages } from '@nats-io/jetstream';
import type { Subscription } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import type { Messaging } from '../connection/messaging.js';
import { ConsumerCare } from './consumer-care.js';
import { type HandleMessage, MessagesInHand } from './messages-in-hand.js';

export interface StreamReaderOptions {
  messaging: Messaging;
  spec: ConsumerSpec;
  /** Messages handled at a time by this copy. */
  concurrency: number;
  /** When its promise ends the message is settled by the class of the error. */
  handle: HandleMessage;
}

const REOPEN_MS = 500;
const DRAIN_MS = 1_000;

/** Reads one durable consumer for ever: hands out messages, keeps them alive while they are handled, settles them. */
export class StreamReader {
  private readonly logger: Logger;
  private readonly inHand: MessagesInHand;
  private readonly care: ConsumerCare;
  private messages?: ConsumerMessages;
  private running?: Promise<void>;
  private stopped = false;
  private freed?: () => void;

  constructor(private readonly options: StreamReaderOptions) {
    this.logger = new Logger(`reader:${options.spec.name}`);
    const { messaging, spec, handle } = options;
    this.care = new ConsumerCare(messaging, spec, () => void this.messages?.close());
    this.inHand = new MessagesInHand({
      messaging,
      stream: spec.stream,
      handle,
      onSettled: () => this.freed?.(),
    });
  }

  start(): void {
    this.running = this.run();
    this.care.start();
  }

  /** Takes no more messages and waits for those in hand. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.care.stop();
    this.freed?.();
    if (this.messages) await this.unsubscribe(this.messages);
    await this.running;
    await this.inHand.close();
  }

  /**
   * Closing alone does not hear what the server sent before it knew of it: such messages would come again only after the
   * acknowledgement wait. Draining hears them, and they are given back.
   */
  private async unsubscribe(messages: ConsumerMessages): Promise<void> {
    const { sub } = messages as unknown as { sub: Subscription };
    if (this.options.messaging.connected) {
      await Promise.race([sub.drain().catch(() => undefined), sleep(DRAIN_MS, undefined, { ref: false })]);
    }
    await messages.close();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.consume();
      } catch (error) {
        if (!this.stopped) this.logger.warn({ error: errorText(error) }, 'reading stopped, starting again');
      }
      if (!this.stopped) await sleep(REOPEN_MS);
    }
  }

  private async consume(): Promise<void> {
    const { messaging, spec, concurrency } = this.options;
    const consumer = await messaging.js.consumers.get(spec.stream, spec.name);
    this.messages = await consumer.consume({ max_messages: concurrency, expires: 10_000 });
    if (this.stopped) await this.messages.close();
    for await (const message of this.messages) {
      // What was fetched ahead goes back at once, so that another copy need not wait for the acknowledgement wait.
      if (this.stopped) message.nak();
      else await this.take(message);
    }
  }

  private async take(message: Parameters<MessagesInHand['take']>[0]): Promise<void> {
    this.inHand.take(message);
    if (this.inHand.size >= this.options.concurrency) {
      await new Promise<void>((resolve) => (this.freed = resolve));
    }
  }
}
