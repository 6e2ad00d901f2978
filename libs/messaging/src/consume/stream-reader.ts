import { setTimeout as sleep } from 'node:timers/promises';
import { type ConsumerSpec, SUBJECTS } from '@kirisan/contracts';
import { errorText, TransientError } from '@kirisan/service';
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import type { Messaging } from '../connection/messaging.js';
import { settlement } from './settle.js';

export interface StreamReaderOptions {
  messaging: Messaging;
  spec: ConsumerSpec;
  /** Messages handled at a time by this copy. */
  concurrency: number;
  /** When its promise ends the message is settled by the class of the error. */
  handle: (subject: string, data: Uint8Array, message: JsMsg) => Promise<void>;
}

/** Tells JetStream that work goes on; well inside the consumers' acknowledgement wait. */
const WORKING_EVERY_MS = 2_500;
const REOPEN_MS = 500;

/** Reads one durable consumer for ever: hands out messages, keeps them alive while they are handled, settles them. */
export class StreamReader {
  private readonly logger: Logger;
  private readonly inHand = new Map<JsMsg, Promise<void>>();
  private readonly failures = new Map<number, number>();
  private messages?: ConsumerMessages;
  private running?: Promise<void>;
  private stopped = false;
  private freed?: () => void;

  constructor(private readonly options: StreamReaderOptions) {
    this.logger = new Logger(`reader:${options.spec.name}`);
  }

  start(): void {
    this.running = this.run();
  }

  /** Takes no more messages and waits for those in hand. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.freed?.();
    await this.messages?.close();
    await this.running;
    await Promise.all(this.inHand.values());
  }

  private async run(): Promise<void> {
    const keepAlive = setInterval(() => this.keepAlive(), WORKING_EVERY_MS);
    while (!this.stopped) {
      try {
        await this.consume();
      } catch (error) {
        if (!this.stopped) this.logger.warn({ error: errorText(error) }, 'reading stopped, starting again');
      }
      if (!this.stopped) await sleep(REOPEN_MS);
    }
    await Promise.all(this.inHand.values());
    clearInterval(keepAlive);
  }

  private async consume(): Promise<void> {
    const { messaging, spec, concurrency } = this.options;
    const consumer = await messaging.js.consumers.get(spec.stream, spec.name);
    this.messages = await consumer.consume({ max_messages: concurrency, expires: 10_000 });
    if (this.stopped) await this.messages.close();
    for await (const message of this.messages) {
      if (this.stopped) return message.nak();
      this.take(message);
      if (this.inHand.size >= concurrency) await new Promise<void>((resolve) => (this.freed = resolve));
    }
  }

  private take(message: JsMsg): void {
    const work = this.work(message).finally(() => {
      this.inHand.delete(message);
      this.freed?.();
    });
    this.inHand.set(message, work);
  }

  private async work(message: JsMsg): Promise<void> {
    try {
      await this.options.handle(message.subject, message.data, message);
      this.failures.delete(message.seq);
      message.ack();
    } catch (error) {
      await this.fail(message, error);
    }
  }

  private async fail(message: JsMsg, error: unknown): Promise<void> {
    const tries = (this.failures.get(message.seq) ?? 0) + 1;
    const settled = settlement(error, tries);
    if (settled.kind === 'retry') {
      this.failures.set(message.seq, tries);
      if (!(error instanceof TransientError))
        this.logger.error({ stack: (error as Error)?.stack }, errorText(error));
      return message.nak(settled.delayMs);
    }
    if (settled.kind === 'dead') await this.setAside(message, settled.reason);
  }

  /** A copy with its reason goes to the dead letters first; only then does the message leave its stream. */
  private async setAside(message: JsMsg, reason: string): Promise<void> {
    const { stream } = this.options.spec;
    const facts = {
      'Kirisan-Reason': reason.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 1_000),
      'Kirisan-Subject': message.subject,
      'Kirisan-Sequence': String(message.seq),
    };
    try {
      await this.options.messaging.publish(SUBJECTS.deadLetter(stream), message.data, facts);
      this.failures.delete(message.seq);
      this.logger.error({ subject: message.subject, sequence: message.seq, reason }, 'message set aside');
      message.term(reason.slice(0, 100));
    } catch (error) {
      this.logger.warn({ error: errorText(error) }, 'a message could not be set aside, trying again');
      message.nak(1_000);
    }
  }

  private keepAlive(): void {
    if (this.options.messaging.connected) for (const message of this.inHand.keys()) message.working();
  }
}
