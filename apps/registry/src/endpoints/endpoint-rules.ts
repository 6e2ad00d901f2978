import { ConflictException, Injectable } from '@nestjs/common';
import { type EventType, isLegalSecret, LIMITS } from '@kirisan/contracts';
import { secretContext } from '@kirisan/directory';
import { TargetGuard, TargetNotAllowedError } from '@kirisan/outbound';
import { SecretBox } from '@kirisan/service';
import type { EntityManager } from 'typeorm';
import { ChannelCatalog } from '../channels/channel-catalog.js';
import { InvalidFieldException } from '../http/invalid-field.js';
import { assertOffered } from './endpoint-events.js';
import { EndpointRepository } from './endpoint.repository.js';

/** What an endpoint must fulfil to be saved. Every rule throws 400 with the field, or 409 where a limit is reached. */
@Injectable()
export class EndpointRules {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly catalog: ChannelCatalog,
    private readonly guard: TargetGuard,
    private readonly box: SecretBox,
  ) {}

  checkUrl(url: string): void {
    try {
      this.guard.checkUrl(url);
    } catch (error) {
      if (error instanceof TargetNotAllowedError) throw new InvalidFieldException('url', error.message);
      throw error;
    }
  }

  sealSecret(secret: string, endpointId: string): string {
    if (isLegalSecret(secret)) return this.box.seal(secret, secretContext(endpointId));
    throw new InvalidFieldException(
      'secret',
      'must be a legal header value: visible characters of Latin-1, with spaces only between them',
    );
  }

  /** Locks the devices and checks that they exist and have room for this endpoint. */
  async checkDevices(manager: EntityManager, deviceIds: string[], endpointId: string): Promise<void> {
    const found = new Set((await this.endpoints.lockDevices(manager, deviceIds)).map(({ id }) => id));
    const missing = deviceIds.find((id) => !found.has(id));
    if (missing !== undefined) throw new InvalidFieldException('deviceIds', `there is no device ${missing}`);
    const full = await this.endpoints.fullDevice(manager, deviceIds, endpointId);
    if (full === undefined) return;
    throw new ConflictException({
      code: 'limit_reached',
      message: `deviceIds: device ${full} is linked to ${LIMITS.matchesPerEvent} endpoints already, the most there may be`,
    });
  }

  async checkEvents(manager: EntityManager, events: EventType[], deviceIds: string[]): Promise<void> {
    const devices = await this.endpoints.devices(manager, deviceIds);
    const channels = [...new Set(devices.map(({ channel }) => channel))];
    assertOffered(
      events,
      channels.map((name) => this.catalog.announced(name)),
      this.catalog.all(),
    );
  }
}
