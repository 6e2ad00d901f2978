import type { ChannelDescriptor, EventType } from '@kirisan/contracts';
import { InvalidFieldException } from '../http/invalid-field.js';

export interface SampleFor {
  event: EventType;
  device: { token: string; channel: string };
  /** Unix milliseconds. */
  now: number;
}

/** The JSON text of a test delivery: the channel's sample with the device, this moment and `production: false`. */
export function samplePayload(channel: ChannelDescriptor, { event, device, now }: SampleFor): string {
  const sample = channel.samples[event];
  if (!sample || !channel.events.includes(event)) {
    throw new InvalidFieldException(
      'event',
      `${channel.name} has no ${event}; it has ${channel.events.join(', ')}`,
    );
  }
  return JSON.stringify({
    ...sample,
    event,
    device: device.token,
    channel: device.channel,
    timestamp: Math.floor(now / 1_000),
    production: false,
  });
}
