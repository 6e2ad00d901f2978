import { randomBytes, randomUUID } from 'node:crypto';
import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import type { ChannelDescriptor } from '@kirisan/contracts';
import { credentialsContext } from '@kirisan/directory';
import { SecretBox } from '@kirisan/service';
import type { EntityManager } from 'typeorm';
import { ChannelCatalog } from '../channels/channel-catalog.js';
import { deviceKeys, endpointKeys, healthKey } from '../directory-sync/bucket-keys.js';
import { DirectoryPublisher } from '../directory-sync/directory.publisher.js';
import { OutboxRepository } from '../directory-sync/outbox.repository.js';
import { type Page, positionOf, toPage } from '../http/paging.js';
import { Fingerprints } from '../secrets/fingerprints.js';
import { isUniqueViolation } from '../storage/database-errors.js';
import { Database } from '../storage/database.js';
import { DEVICE_IDENTITY_INDEX, DeviceEntity } from '../storage/device.entity.js';
import { changedCredentials, type Credentials, identityOf, newCredentials } from './credentials.js';
import type { CreateDeviceDto, DeviceQuery, DeviceView, UpdateDeviceDto } from './device.dto.js';
import { DevicePresenter } from './device.presenter.js';
import { DeviceRepository } from './device.repository.js';

const SECRET_BYTES = 24;
/** How long an answer waits for its change to be visible to routers; it becomes so in any case. */
const PUBLISH_WAIT_MS = 500;

/** Devices: what may be said of them, and that every change reaches routers and channels. */
@Injectable()
export class DevicesService {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceRepository,
    private readonly catalog: ChannelCatalog,
    private readonly fingerprints: Fingerprints,
    private readonly presenter: DevicePresenter,
    private readonly box: SecretBox,
    private readonly outbox: OutboxRepository,
    private readonly publisher: DirectoryPublisher,
  ) {}

  async list({ limit, cursor, ...filter }: DeviceQuery): Promise<Page<DeviceView>> {
    const before = positionOf(cursor);
    const rows = await this.database.read((manager) =>
      this.devices.list(manager, { ...filter, before }, limit + 1),
    );
    return toPage(rows, limit, this.presenter.view);
  }

  async get(id: string): Promise<DeviceView> {
    return this.presenter.view(found(await this.database.read((manager) => this.devices.find(manager, id))));
  }

  async create({ channel, name, number, inboundMode, credentials }: CreateDeviceDto): Promise<DeviceView> {
    const descriptor = this.catalog.chosen(channel);
    const values = newCredentials(descriptor, credentials ?? {});
    const device = Object.assign(new DeviceEntity(), {
      id: randomUUID(),
      token: secret(),
      channel,
      name: name.trim(),
      number: number?.trim() || null,
      inboundMode: inboundMode ?? 'webhook',
      ingestKey: secret(),
    });
    return this.save(device, async (manager) => {
      await this.setCredentials(manager, device, descriptor, values);
      return device;
    });
  }

  async update(id: string, patch: UpdateDeviceDto): Promise<DeviceView> {
    return this.save({ id }, async (manager) => {
      const device = found(await this.devices.lock(manager, id));
      if (patch.name !== undefined) device.name = patch.name.trim();
      if (patch.number !== undefined) device.number = patch.number?.trim() || null;
      if (patch.inboundMode !== undefined) device.inboundMode = patch.inboundMode;
      if (patch.credentials !== undefined) {
        const descriptor = this.catalog.announced(device.channel);
        const values = changedCredentials(
          descriptor.credentials,
          this.presenter.open(device),
          patch.credentials,
        );
        await this.setCredentials(manager, device, descriptor, values);
      }
      return device;
    });
  }

  /** Unlinks it from its endpoints; one that is left without a device matches nothing. */
  async remove(id: string): Promise<void> {
    await this.database.write(async (manager) => {
      const device = found(await this.devices.lock(manager, id));
      const endpointIds = await this.devices.remove(manager, id);
      const keys = [...deviceKeys(device), healthKey(device), ...endpointIds.flatMap(endpointKeys)];
      await this.outbox.add(manager, keys);
    });
    await this.publisher.published(PUBLISH_WAIT_MS);
  }

  private async save(
    { id }: { id: string },
    change: (manager: EntityManager) => Promise<DeviceEntity>,
  ): Promise<DeviceView> {
    let changed: DeviceEntity | undefined;
    try {
      const saved = await this.database.write(async (manager) => {
        changed = await change(manager);
        await manager.save(changed);
        await this.outbox.add(manager, deviceKeys(changed));
        return changed;
      });
      await this.publisher.published(PUBLISH_WAIT_MS);
      return this.presenter.view(saved);
    } catch (error) {
      if (changed && isUniqueViolation(error, DEVICE_IDENTITY_INDEX)) throw await this.conflict(changed, id);
      throw error;
    }
  }

  private async setCredentials(
    manager: EntityManager,
    device: DeviceEntity,
    descriptor: ChannelDescriptor,
    values: Credentials,
  ): Promise<void> {
    const { channel, id } = device;
    const identity = identityOf(descriptor, values);
    const shared = descriptor.sharedIngestBy === undefined ? undefined : values[descriptor.sharedIngestBy];
    device.sealedCredentials = this.box.seal(JSON.stringify(values), credentialsContext(id));
    device.identityHash = identity === undefined ? null : this.fingerprints.of(channel, 'identity', identity);
    device.shareHash = shared === undefined ? null : this.fingerprints.of(channel, 'ingest', shared);
    // With nobody to share with, a device keeps its URL: its provider app may only have renewed its secret.
    if (device.shareHash === null) return;
    device.ingestKey =
      (await this.devices.sharedIngestKey(manager, channel, device.shareHash, id)) ?? device.ingestKey;
  }

  private async conflict({ channel, identityHash }: DeviceEntity, id: string): Promise<ConflictException> {
    const first = await this.database.read((manager) =>
      this.devices.sameLine(manager, channel, identityHash!, id),
    );
    return new ConflictException({
      code: 'credentials_in_use',
      message: `credentials: already used by the device "${first?.name ?? 'deleted meanwhile'}" (${first?.id ?? ''})`,
      deviceId: first?.id ?? null,
    });
  }
}

const secret = () => randomBytes(SECRET_BYTES).toString('base64url');

function found(device: DeviceEntity | null): DeviceEntity {
  if (device) return device;
  throw new NotFoundException({ code: 'device_not_found', message: 'there is no such device' });
}
