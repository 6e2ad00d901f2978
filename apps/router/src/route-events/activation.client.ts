import { Injectable } from '@nestjs/common';
import { type ActivateReply, type ActivateRequest, type EndpointEntry, SUBJECTS } from '@kirisan/contracts';
import { Messaging } from '@kirisan/messaging';
import { TransientError } from '@kirisan/service';
import { RouterConfig } from '../router.config.js';

/** Asks the registry to make an endpoint active because its first message has come. */
@Injectable()
export class ActivationClient {
  private readonly asked = new Map<string, Promise<ActivateReply>>();

  constructor(
    private readonly messaging: Messaging,
    private readonly config: RouterConfig,
  ) {}

  /** Several events that wait for the same endpoint share one question. Throws `TransientError` while nobody answers. */
  activate({ id, revision }: EndpointEntry): Promise<ActivateReply> {
    const key = `${id} ${revision}`;
    const known = this.asked.get(key);
    if (known) return known;
    const answer = this.ask({ endpointId: id, revision }).finally(() => this.asked.delete(key));
    this.asked.set(key, answer);
    return answer;
  }

  private async ask(request: ActivateRequest): Promise<ActivateReply> {
    const data = Buffer.from(JSON.stringify(request));
    const timeoutMs = this.config.activationTimeoutMs;
    const reply = await this.messaging.request(SUBJECTS.activate, data, { timeoutMs });
    const { active, directoryRevision } = JSON.parse(
      Buffer.from(reply).toString('utf8'),
    ) as Partial<ActivateReply>;
    if (typeof active === 'boolean' && typeof directoryRevision === 'number')
      return { active, directoryRevision };
    throw new TransientError('the registry answered an activation with something else');
  }
}
