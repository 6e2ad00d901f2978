import { Buffer } from 'node:buffer';
import { ConflictException, Injectable, Logger, NotFoundException } from '@nestjs/common';
import { REQUEUE_SUBJECTS, SUBJECTS } from '@kirisan/contracts';
import type { DeadLetter, DeadLetterPage, Requeued } from '@kirisan/log-client';
import { covers, isPermanent, Messaging } from '@kirisan/messaging';
import { errorText } from '@kirisan/service';
import { OutcomeService } from '../record-outcome/outcome.service.js';
import { RegisterEventService } from '../register-event/register-event.service.js';
import { type StoredMessage, StreamStore } from '../streams/stream-store.client.js';
import type { DeadLettersDto } from './dead-letters.dto.js';
import { neutralText } from './neutral-text.js';

const STREAM = 'DEAD_LETTERS';
const PREVIEW = 500;
const LONG_PREVIEW = 65_536;
/** A text of this many characters needs no more bytes. */
const BYTES_PER_CHARACTER = 4;
/** Bytes read for one page; the message that exceeds them is the page's last. */
const PAGE_BYTES = 16 * 1024 * 1024;
/** No wildcard, no space, no empty part. */
const PLAIN_SUBJECT = /^[\w-]+(\.[\w-]+)+$/;

/** What could not be processed: to be looked at, sent again, or removed. */
@Injectable()
export class DeadLettersService {
  private readonly logger = new Logger('dead-letters');

  constructor(
    private readonly store: StreamStore,
    private readonly messaging: Messaging,
    private readonly outcomes: OutcomeService,
    private readonly events: RegisterEventService,
  ) {}

  /** Oldest first. Throws `TransientError` while NATS is away. */
  async list({ limit, cursor }: DeadLettersDto): Promise<DeadLetterPage> {
    const { messages: total } = await this.store.state(STREAM);
    const items: DeadLetter[] = [];
    let bytes = 0;
    let sequence = Number(cursor ?? 1);
    for (;;) {
      const message = await this.store.next(STREAM, sequence, '>');
      if (!message) return { items, nextCursor: null, total };
      // One more than the page has is looked at, so that the last page says that it is the last.
      if (items.length === limit || bytes > PAGE_BYTES)
        return { items, nextCursor: String(message.sequence), total };
      items.push(deadLetter(message, PREVIEW));
      bytes += message.data.byteLength;
      sequence = message.sequence + 1;
    }
  }

  /** Throws `NotFoundException`, `TransientError`. */
  async get(id: string): Promise<DeadLetter> {
    return deadLetter(await this.find(id), LONG_PREVIEW);
  }

  /**
   * Removed only when its stream has it again, or the log holds it. Asked twice at once, or cut off between the two, it
   * may be sent twice: the stream drops the second of two minutes by its id, and whatever our streams hold is recorded once.
   * Throws `NotFoundException`, `ConflictException`, `TransientError`.
   */
  async requeue(id: string): Promise<Requeued> {
    const message = await this.find(id);
    const subject = message.header('Kirisan-Subject');
    await this.send(subject, message);
    await this.store.remove(STREAM, message.sequence);
    this.logger.log({ id, subject }, 'dead letter sent again');
    return { id, subject };
  }

  /** Throws `NotFoundException`, `TransientError`. */
  async remove(id: string): Promise<void> {
    const message = await this.find(id);
    await this.store.remove(STREAM, message.sequence);
    this.logger.warn({ id, subject: message.header('Kirisan-Subject') }, 'dead letter removed');
  }

  /** What comes to this service anyway needs no stream between. */
  private async send(subject: string, { data, sequence, time }: StoredMessage): Promise<void> {
    if (subject === SUBJECTS.outcome) return this.take(this.outcomes.take(data));
    if (subject === SUBJECTS.unmatched) return this.take(this.events.take(data));
    if (!PLAIN_SUBJECT.test(subject) || !REQUEUE_SUBJECTS.some((pattern) => covers(pattern, subject))) {
      throw new ConflictException({
        code: 'not_requeueable',
        message: `nothing can be sent to "${neutralText(subject).slice(0, PREVIEW)}" again`,
      });
    }
    const facts = { 'Nats-Msg-Id': `requeue-${sequence}-${time.getTime()}` };
    await this.messaging.publish(subject, data, facts);
  }

  private async take(recorded: Promise<void>): Promise<void> {
    try {
      await recorded;
    } catch (error) {
      if (!isPermanent(error)) throw error;
      throw new ConflictException({ code: 'still_wrong', message: neutralText(errorText(error)) });
    }
  }

  private async find(id: string): Promise<StoredMessage> {
    const message = await this.store.get(STREAM, Number(id));
    if (!message) throw new NotFoundException(`there is no dead letter ${id}`);
    return message;
  }
}

function deadLetter(message: StoredMessage, characters: number): DeadLetter {
  const { sequence, data, time, header } = message;
  const part = data.subarray(0, characters * BYTES_PER_CHARACTER);
  const text = Buffer.from(part).toString('utf8');
  return {
    id: String(sequence),
    reason: neutralText(header('Kirisan-Reason')),
    subject: neutralText(header('Kirisan-Subject')),
    sequence: neutralText(header('Kirisan-Sequence')) || null,
    at: time.toISOString(),
    size: data.byteLength,
    preview: neutralText(text.slice(0, characters)),
    truncated: part.byteLength < data.byteLength || text.length > characters,
  };
}
