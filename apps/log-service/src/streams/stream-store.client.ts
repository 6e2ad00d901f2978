import { Injectable } from '@nestjs/common';
import type { StreamName } from '@kirisan/contracts';
import { Messaging } from '@kirisan/messaging';
import { errorText, TransientError } from '@kirisan/service';

/** A message as its stream keeps it. */
export interface StoredMessage {
  sequence: number;
  subject: string;
  data: Uint8Array;
  time: Date;
  /** The empty text for a header that is not there. */
  header: (name: string) => string;
}

export interface StreamState {
  messages: number;
  first: number;
  last: number;
  /** Messages by subject, of the subjects that were asked for. */
  subjects: Map<string, number>;
}

/** Looks at what streams hold without consuming it. Every method throws `TransientError` while NATS is away. */
@Injectable()
export class StreamStore {
  constructor(private readonly messaging: Messaging) {}

  /** `subjects` asks for the counts of the subjects that it covers. */
  async state(stream: StreamName, subjects?: string): Promise<StreamState> {
    const { state } = await this.ask(async (manager) =>
      manager.streams.info(stream, subjects ? { subjects_filter: subjects } : undefined),
    );
    return {
      messages: state.messages,
      first: state.first_seq,
      last: state.last_seq,
      subjects: new Map(Object.entries(state.subjects ?? {})),
    };
  }

  /** Sequence of the last message that a durable consumer was given. */
  async delivered(stream: StreamName, consumer: string): Promise<number> {
    const info = await this.ask((manager) => manager.consumers.info(stream, consumer));
    return info.delivered.stream_seq;
  }

  /** Null when there is none. */
  get(stream: StreamName, sequence: number): Promise<StoredMessage | null> {
    return this.read(stream, { seq: sequence });
  }

  /** The first message at or after `sequence` whose subject is covered; null when there is none. */
  next(stream: StreamName, sequence: number, subject: string): Promise<StoredMessage | null> {
    const query = { seq: Math.max(1, sequence), next_by_subj: subject };
    return this.read(stream, query);
  }

  /** False when there was none. */
  async remove(stream: StreamName, sequence: number): Promise<boolean> {
    return this.ask(async (manager) => {
      try {
        return await manager.streams.deleteMessage(stream, sequence, false);
      } catch (error) {
        if (/no message found|not found/i.test(errorText(error))) return false;
        throw error;
      }
    });
  }

  private async read(stream: StreamName, query: { seq: number }): Promise<StoredMessage | null> {
    const found = await this.ask((manager) => manager.streams.getMessage(stream, query));
    if (!found) return null;
    return {
      sequence: found.seq,
      subject: found.subject,
      data: found.data,
      time: found.time,
      header: (name) => found.header?.get(name) ?? '',
    };
  }

  private async ask<T>(work: (manager: Awaited<ReturnType<Messaging['manager']>>) => Promise<T>): Promise<T> {
    if (!this.messaging.connected) throw new TransientError('NATS is away');
    try {
      return await work(await this.messaging.manager());
    } catch (error) {
      throw new TransientError(`the streams can not be looked at: ${errorText(error)}`, { cause: error });
    }
  }
}
