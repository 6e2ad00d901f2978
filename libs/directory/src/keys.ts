/** Key of a device in the bucket `directory`. */
export const deviceKey = (deviceId: string) => `device.${deviceId}`;
/** Key of an endpoint in the bucket `directory`. */
export const endpointKey = (endpointId: string) => `endpoint.${endpointId}`;
/** Key of a device in the buckets `credentials` and `device-health`. */
export const channelDeviceKey = (channel: string, deviceId: string) => `${channel}.${deviceId}`;
/** Pattern of all keys of a channel in the buckets `credentials` and `device-health`. */
export const channelKeys = (channel: string) => `${channel}.*`;
/** Context that an endpoint's signing secret is sealed with. */
export const secretContext = (endpointId: string) => `endpoint:${endpointId}`;
/** Context that a device's credentials are sealed with. */
export const credentialsContext = (deviceId: string) => `credentials:${deviceId}`;
