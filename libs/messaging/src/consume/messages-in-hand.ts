import { type StreamName, SUBJECTS } from '@kirisan/contracts';
import { errorText, TransientError } from '@kirisan/service';
import type { JsMsg } from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import type { Messaging } from '../connection/messaging.js';
import { settlement } from './settle.js';

export type HandleMessage = (subject: string, data: Uint8Array, message: JsMsg) => Promise<void>;

export interface MessagesInHandOptions {
  messaging: Messaging;
  stream: StreamName;
  /** When its promise ends the message is settled by the class of the error. */
  handle: HandleMessage;
  /** Called whenever a message has been settled. */
  onSettled?: () => void;
}

/** Tells JetStream that work goes on; well inside the consumers' acknowledgement wait. */
const WORKING_EVERY_MS = 2_500;

/** Messages of one stream that are being handled: kept alive meanwhile, and settled in this one place. */
export class MessagesInHand {
  private readonly logger: Logger;
  private readonly inHand = new Map<JsMsg, Promise<void>>();
  private readonly failures = new Map<number, number>();
  private readonly keepingAlive: NodeJS.Timeout;

  constructor(private readonly options: MessagesInHandOptions) {
    this.logger = new Logger(`messages:${options.stream}`);
    this.keepingAlive = setInterval(() => this.keepAlive(), WORKING_EVERY_MS);
    this.keepingAlive.unref();
  }

  get size(): number {
    return this.inHand.size;
  }

  /** Starts handling a message. The promise ends when it has been settled; it never rejects. */
  take(message: JsMsg): Promise<void> {
    const work = this.work(message).finally(() => {
      this.inHand.delete(message);
      this.options.onSettled?.();
    });
    this.inHand.set(message, work);
    return work;
  }

  /** Waits for all messages in hand; call it when none is taken any more. */
  async close(): Promise<void> {
    await Promise.all(this.inHand.values());
    clearInterval(this.keepingAlive);
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
        this.logger.error({ stack: (error as Error)?.stack }, errorText(error), '');
      return message.nak(settled.delayMs);
    }
    if (settled.kind === 'dead') await this.setAside(message, settled.reason);
  }

  /** A copy with its reason goes to the dead letters first; only then does the message leave its stream. */
  private async setAside(message: JsMsg, reason: string): Promise<void> {
    const { messaging, stream } = this.options;
    const facts = {
      'Kirisan-Reason': reason.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 1_000),
      'Kirisan-Subject': message.subject,
      'Kirisan-Sequence': String(message.seq),
    };
    try {
      await messaging.publish(SUBJECTS.deadLetter(stream), message.data, facts);
      this.failures.delete(message.seq);
      this.logger.error({ subject: message.subject, sequence: message.seq, reason }, 'message set aside', '');
      message.term(reason.slice(0, 100));
    } catch (error) {
      this.logger.warn({ error: errorText(error) }, 'a message could not be set aside, trying again', '');
      message.nak(1_000);
    }
  }

  private keepAlive(): void {
    if (this.options.messaging.connected) for (const message of this.inHand.keys()) message.working();
  }
}
