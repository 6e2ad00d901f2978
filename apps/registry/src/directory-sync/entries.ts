import type { DeviceCredentialsEntry, DeviceEntry, EndpointEntry } from '@kirisan/contracts';
import type { DeviceEntity } from '../storage/device.entity.js';
import type { EndpointEntity } from '../storage/endpoint.entity.js';

/** A device as routers see it. */
export function deviceEntry({ id, token, channel, inboundMode }: DeviceEntity): DeviceEntry {
  return { id, token, channel, inboundMode };
}

/** A device as its channel sees it. */
export function credentialsEntry(device: DeviceEntity): DeviceCredentialsEntry {
  const { id, token, channel, name, number, ingestKey, sealedCredentials } = device;
  return {
    deviceId: id,
    token,
    channel,
    name,
    ...(number !== null && { number }),
    ingestKey,
    sealedCredentials,
  };
}

/** An endpoint as routers and workers see it. */
export function endpointEntry(endpoint: EndpointEntity, deviceIds: string[]): EndpointEntry {
  const { id, revision, name, url, sealedSecret, events, legacySubmission, status } = endpoint;
  return {
    id,
    revision,
    name,
    url,
    ...(sealedSecret !== null && { sealedSecret }),
    events,
    ...(legacySubmission && { legacySubmission }),
    deviceIds,
    status,
  };
}
