import { Injectable } from '@nestjs/common';
import type { ActivateReply, ActivateRequest } from '@kirisan/contracts';
import { endpointKeys } from '../directory-sync/bucket-keys.js';
import { DirectoryPublisher } from '../directory-sync/directory.publisher.js';
import { OutboxRepository } from '../directory-sync/outbox.repository.js';
import { markTested } from '../endpoints/endpoint-status.js';
import { EndpointRepository } from '../endpoints/endpoint.repository.js';
import { Database } from '../storage/database.js';

/** Makes endpoints active: after a successful test, or when the first real message reaches one. */
@Injectable()
export class ActivateEndpointService {
  constructor(
    private readonly database: Database,
    private readonly endpoints: EndpointRepository,
    private readonly outbox: OutboxRepository,
    private readonly publisher: DirectoryPublisher,
  ) {}

  /** The URL that was in force in `revision` proved itself; without effect if it has been replaced meanwhile. */
  async proved(endpointId: string, revision: number): Promise<void> {
    await this.database.write(async (manager) => {
      const endpoint = await this.endpoints.lock(manager, endpointId);
      if (!endpoint || !markTested(endpoint, revision)) return;
      endpoint.revision++;
      await this.endpoints.save(manager, endpoint);
      await this.outbox.add(manager, endpointKeys(endpointId));
    });
    this.publisher.nudge();
  }

  /**
   * The first message reached a pending endpoint. A paused one stays as it is. May be asked again: the answer is what is
   * true now, and its revision is one in which everybody can see it.
   */
  async firstMessage({ endpointId, revision }: ActivateRequest): Promise<ActivateReply> {
    const active = await this.database.write(async (manager) => {
      const endpoint = await this.endpoints.lock(manager, endpointId);
      if (!endpoint || endpoint.status !== 'pending_test' || !markTested(endpoint, revision)) {
        return endpoint?.status === 'active';
      }
      endpoint.revision++;
      await this.endpoints.save(manager, endpoint);
      await this.outbox.add(manager, endpointKeys(endpointId));
      return true;
    });
    return { active, directoryRevision: await this.publisher.publishKey(endpointKeys(endpointId)[0]!) };
  }
}
