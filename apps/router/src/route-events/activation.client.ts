import { Inject, Injectable } from '@nestjs/common';
import { type ActivateReply, type ActivateRequest, SUBJECTS } from '@kirisan/contracts';
import { Messaging } from '@kirisan/messaging';
import { RouterConfig } from '../router.config.js';

/** Asks the registry to activate an endpoint by its first real message. */
@Injectable()
export class ActivationClient {
  constructor(
    @Inject(Messaging) private readonly messaging: Messaging,
    private readonly config: RouterConfig,
  ) {}

  /** Throws `TransientError` while no registry answers. */
  async activate(request: ActivateRequest): Promise<ActivateReply> {
    const timeoutMs = this.config.activationTimeoutMs;
    const reply = await this.messaging.request(SUBJECTS.activate, Buffer.from(JSON.stringify(request)), {
      timeoutMs,
    });
    return JSON.parse(Buffer.from(reply).toString('utf8')) as ActivateReply;
  }
}
