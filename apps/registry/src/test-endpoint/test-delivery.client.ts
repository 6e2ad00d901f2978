import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { type Outcome, SUBJECTS, type TestReply, type TestRequest } from '@kirisan/contracts';
import { Messaging } from '@kirisan/messaging';
import { TransientError } from '@kirisan/service';
import { RegistryConfig } from '../registry.config.js';

/** Has one of the delivery workers make a POST. */
@Injectable()
export class TestDeliveryClient {
  constructor(
    private readonly messaging: Messaging,
    private readonly config: RegistryConfig,
  ) {}

  /** Throws 503 when no worker answers, or when one says why it tried no POST. */
  async run(request: TestRequest): Promise<Outcome> {
    const reply = await this.ask(request);
    if ('outcome' in reply) return reply.outcome;
    throw new ServiceUnavailableException({ code: reply.error.code, message: reply.error.message });
  }

  private async ask(request: TestRequest): Promise<TestReply> {
    const data = Buffer.from(JSON.stringify(request));
    try {
      const reply = await this.messaging.request(SUBJECTS.test, data, {
        timeoutMs: this.config.testAnswerMs,
      });
      return JSON.parse(Buffer.from(reply).toString('utf8')) as TestReply;
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      const message = 'no delivery worker answered; the test may be repeated';
      throw new ServiceUnavailableException({ code: 'no_worker', message });
    }
  }
}
