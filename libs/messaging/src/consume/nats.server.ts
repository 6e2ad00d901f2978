import type { ConsumerSpec } from '@kirisan/contracts';
import { errorText } from '@kirisan/service';
import type { Msg, Subscription } from '@nats-io/transport-node';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { ERROR_HEADER, type Messaging, PERMANENT_HEADER, toHeaders } from '../connection/messaging.js';
import { isPermanent } from './settle.js';
import { StreamReader } from './stream-reader.js';

export interface NatsServerOptions {
  messaging: Messaging;
  /** Copies of one service share its requests. */
  service: string;
  /** Durable consumers that the service reads. */
  consumers?: { spec: ConsumerSpec; concurrency: number }[];
}

/**
 * Nest's transport for NATS. `@EventPattern(subject)` gets messages of the service's durable consumers (settled when
 * the handler's promise ends) or, where no consumer covers the subject, plain signs that every copy hears;
 * `@MessagePattern(subject)` answers requests, one copy each. Handlers get the bytes and the message.
 */
export class NatsServer extends Server implements CustomTransportStrategy {
  private readonly readers: StreamReader[] = [];
  private readonly subscriptions: Subscription[] = [];
  private readonly answering = new Set<Promise<void>>();

  constructor(private readonly options: NatsServerOptions) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    const covered = new Set<string>();
    for (const { spec, concurrency } of this.options.consumers ?? []) {
      for (const pattern of this.messageHandlers.keys())
        if (covers(spec.filter, pattern)) covered.add(pattern);
      const handle = (subject: string, data: Uint8Array) => this.dispatch(subject, data);
      this.readers.push(new StreamReader({ messaging: this.options.messaging, spec, concurrency, handle }));
    }
    for (const [pattern, handler] of this.messageHandlers) {
      if (!covered.has(pattern)) this.subscribe(pattern, handler);
    }
    for (const reader of this.readers) reader.start();
    callback();
  }

  /** Stops taking messages, then waits for what is being handled. */
  async close(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    await Promise.all([...this.readers.map((reader) => reader.stop()), ...this.answering]);
  }

  override on(): never {
    throw new Error('the NATS transport has no events of its own');
  }

  override unwrap<T>(): T {
    return this.options.messaging.nc as T;
  }

  private async dispatch(subject: string, data: Uint8Array): Promise<void> {
    const handler = this.handlerFor(subject);
    if (!handler) throw new Error(`no handler for ${subject}`);
    await this.call(handler, data, subject);
  }

  private handlerFor(subject: string): MessageHandler | undefined {
    const exact = this.messageHandlers.get(subject);
    if (exact) return exact;
    for (const [pattern, handler] of this.messageHandlers) if (covers(pattern, subject)) return handler;
    return undefined;
  }

  private async call(handler: MessageHandler, data: Uint8Array, subject: string): Promise<unknown> {
    const result = this.transformToObservable(await handler(data, { subject }));
    return lastValueFrom(result, { defaultValue: undefined });
  }

  private subscribe(subject: string, handler: MessageHandler): void {
    const queue = handler.isEventHandler ? undefined : this.options.service;
    const callback = (_error: unknown, message: Msg) => {
      if (!isSentByService(message, queue !== undefined)) return this.refuse(message);
      const work = this.answer(handler, message).finally(() => this.answering.delete(work));
      this.answering.add(work);
    };
    this.subscriptions.push(
      this.options.messaging.nc.subscribe(subject, { ...(queue && { queue }), callback }),
    );
  }

  private refuse({ subject }: Msg): void {
    this.logger.error(`${subject}: a message that no service sent was not handled`);
  }

  private async answer(handler: MessageHandler, message: Msg): Promise<void> {
    try {
      const result = await this.call(handler, message.data, message.subject);
      if (message.reply)
        message.respond(result instanceof Uint8Array ? result : JSON.stringify(result ?? null));
    } catch (error) {
      this.logger.error(`${message.subject}: ${errorText(error)}`);
      if (message.reply) message.respond('', { headers: toHeaders(errorFacts(error)) });
    }
  }
}

/**
 * Whoever may make a consumer can have the server deliver his messages to any subject, whatever he may publish himself.
 * Such a message asks for a reply under `$JS.ACK`, which no client of ours does: a request names an inbox, a sign nothing.
 */
const isSentByService = ({ reply }: Msg, isRequest: boolean) =>
  isRequest ? reply?.startsWith('_INBOX') === true : !reply;

/** A header value holds no line break. */
function errorFacts(error: unknown): Record<string, string> {
  const text = errorText(error)
    .replace(/[\r\n]+/g, ' ')
    .slice(0, 500);
  return { [ERROR_HEADER]: text, ...(isPermanent(error) && { [PERMANENT_HEADER]: 'true' }) };
}

/** Whether a subject with wildcards covers another subject. */
export function covers(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const given = subject.split('.');
  for (const [i, token] of wanted.entries()) {
    if (token === '>') return given.length > i;
    if (i >= given.length || (token !== '*' && token !== given[i])) return false;
  }
  return wanted.length === given.length;
}
