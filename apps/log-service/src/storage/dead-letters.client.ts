import { Injectable, Logger } from '@nestjs/common';
import { SUBJECTS } from '@kirisan/contracts';
import { Messaging } from '@kirisan/messaging';

/** Takes the bad part of a message that is otherwise fine, with its reason. */
@Injectable()
export class DeadLetters {
  private readonly logger = new Logger('dead-letters');

  constructor(private readonly messaging: Messaging) {}

  /** `subject` is where the message came from, and where it can be sent again. Throws `TransientError`. */
  async setAside(subject: string, data: Uint8Array, reason: string): Promise<void> {
    await this.messaging.publish(SUBJECTS.deadLetter('OUTCOMES'), data, {
      'Kirisan-Reason': reason.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 1_000),
      'Kirisan-Subject': subject,
    });
    this.logger.error({ subject, reason }, 'part of a message set aside');
  }
}
