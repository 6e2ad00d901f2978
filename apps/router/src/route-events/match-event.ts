import type { DeviceEntry, EndpointEntry, EventFacts, UnmatchedReason } from '@kirisan/contracts';

/** What the directory knows; `Directory` is one. */
export interface DirectoryView {
  device(id: string): DeviceEntry | undefined;
  endpointsOf(deviceId: string): readonly EndpointEntry[];
}

export interface MatchRules {
  /** Oldest acceptance that may still be delivered, Unix milliseconds. */
  notBefore: number;
  /** Whether the first real message of the channel activates a pending endpoint. */
  firstMessageActivates(channel: string): boolean;
}

/** What an event matches: the active endpoints, and the pending ones that it would activate; or why nothing. */
export type EventMatch =
  { endpointIds: string[]; toActivate: EndpointEntry[]; reason?: undefined } | { reason: UnmatchedReason };

/** Decides by the directory alone; see product rules "Every accepted event leaves a record". */
export function matchEvent(facts: EventFacts, directory: DirectoryView, rules: MatchRules): EventMatch {
  if (facts.tooLargeBytes !== undefined) return { reason: 'too_large' };
  if (facts.acceptedAt < rules.notBefore) return { reason: 'too_old' };
  const device = facts.deviceId === undefined ? undefined : directory.device(facts.deviceId);
  if (!device) return { reason: 'unknown_device' };
  if (!takes(device, facts)) return { reason: 'device_mode' };

  const endpointIds: string[] = [];
  const toActivate: EndpointEntry[] = [];
  const activates = facts.type === 'incoming_message' && rules.firstMessageActivates(facts.channel);
  let subscribed = false;
  const linked = directory.endpointsOf(device.id);
  for (const endpoint of linked) {
    if (!endpoint.events.includes(facts.type)) continue;
    subscribed = true;
    if (endpoint.status === 'active') endpointIds.push(endpoint.id);
    else if (activates && endpoint.status === 'pending_test') toActivate.push(endpoint);
  }
  if (endpointIds.length > 0 || toActivate.length > 0) return { endpointIds, toActivate };
  if (linked.length === 0) return { reason: 'no_endpoint' };
  return { reason: subscribed ? 'endpoints_inactive' : 'not_subscribed' };
}

/** A status concerns what we sent, so it counts whatever the mode; the others belong to their mode. */
function takes({ inboundMode }: DeviceEntry, { type }: EventFacts): boolean {
  if (type === 'message_status') return true;
  return inboundMode === (type === 'submission' ? 'autoreply' : 'webhook');
}
