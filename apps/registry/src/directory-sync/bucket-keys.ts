import { BUCKETS } from '@kirisan/contracts';
import { channelDeviceKey, deviceKey, endpointKey } from '@kirisan/directory';

/** A key of a bucket that the registry keeps equal to its tables. */
export interface BucketKey {
  bucket: string;
  key: string;
}

/** The keys that a device stands under. */
export function deviceKeys({ id, channel }: { id: string; channel: string }): BucketKey[] {
  return [
    { bucket: BUCKETS.directory.name, key: deviceKey(id) },
    { bucket: BUCKETS.credentials.name, key: channelDeviceKey(channel, id) },
  ];
}

/** The key under which a channel reports the health of a device. */
export function healthKey({ id, channel }: { id: string; channel: string }): BucketKey {
  return { bucket: BUCKETS.deviceHealth.name, key: channelDeviceKey(channel, id) };
}

/** The keys that an endpoint stands under. */
export function endpointKeys(id: string): BucketKey[] {
  return [{ bucket: BUCKETS.directory.name, key: endpointKey(id) }];
}
