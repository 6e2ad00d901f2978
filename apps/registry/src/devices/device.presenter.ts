import { Injectable } from '@nestjs/common';
import type { DeviceHealth } from '@kirisan/contracts';
import { credentialsContext } from '@kirisan/directory';
import { SecretBox } from '@kirisan/service';
import { ChannelCatalog } from '../channels/channel-catalog.js';
import { DeviceHealthWatch } from '../channels/device-health.watch.js';
import type { DeviceEntity } from '../storage/device.entity.js';
import { type Credentials, maskedCredentials } from './credentials.js';
import type { DeviceHealthView, DeviceView } from './device.dto.js';

/** Shows devices, without their secrets. */
@Injectable()
export class DevicePresenter {
  constructor(
    private readonly catalog: ChannelCatalog,
    private readonly health: DeviceHealthWatch,
    private readonly box: SecretBox,
  ) {}

  readonly view = (device: DeviceEntity): DeviceView => {
    const { id, token, channel, name, number, inboundMode } = device;
    const descriptor = this.catalog.find(channel);
    const health = this.health.of(device);
    return {
      id,
      token,
      channel,
      name,
      number,
      inboundMode,
      credentials: maskedCredentials(descriptor?.credentials, this.open(device)),
      ingestUrl: descriptor ? `${descriptor.ingestBaseUrl.replace(/\/+$/, '')}/${device.ingestKey}` : null,
      health: health ? healthView(health) : null,
      createdAt: device.createdAt.toISOString(),
      updatedAt: device.updatedAt.toISOString(),
    };
  };

  /** The credentials in the clear; never for an answer. */
  open({ id, sealedCredentials }: DeviceEntity): Credentials {
    return JSON.parse(this.box.open(sealedCredentials, credentialsContext(id))) as Credentials;
  }
}

function healthView({ state, lastSeenAt, lastErrorAt, lastError }: DeviceHealth): DeviceHealthView {
  return {
    state,
    ...(lastSeenAt !== undefined && { lastSeenAt: new Date(lastSeenAt).toISOString() }),
    ...(lastErrorAt !== undefined && { lastErrorAt: new Date(lastErrorAt).toISOString() }),
    ...(lastError !== undefined && { lastError }),
  };
}
