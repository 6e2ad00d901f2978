import type { DeviceEntry, EndpointEntry, EventFacts, UnmatchedReason } from '@kirisan/contracts';

/** What an event is matched against, as it is at this moment. */
export interface MatchContext {
  /** The device that the event names, if there is one. */
  device: DeviceEntry | undefined;
  endpointsOf(deviceId: string): readonly EndpointEntry[];
  /** Whether the first real message activates a pending endpoint of this channel. */
  firstMessageActivates(channel: string): boolean;
  /** Unix milliseconds; an event that was accepted before is not delivered. */
  horizon: number;
}

export interface MatchResult {
  /** Active endpoints that get the event. */
  endpointIds: string[];
  /** Pending endpoints that get it as soon as the registry has made them active. */
  pending: EndpointEntry[];
  /** Why nobody gets it, as long as no pending one becomes active. */
  reason?: UnmatchedReason;
}

/** Decides who gets an event: a function of the event and the directory alone. */
export function matchEvent(facts: EventFacts, context: MatchContext): MatchResult {
  if (facts.tooLargeBytes !== undefined) return nobody('too_large');
  if (facts.acceptedAt < context.horizon) return nobody('too_old');
  const { device } = context;
  if (!device) return nobody('unknown_device');
  if (!modeAllows(facts, device)) return nobody('device_mode');
  const linked = context.endpointsOf(device.id);
  if (linked.length === 0) return nobody('no_endpoint');
  const activates = facts.type === 'incoming_message' && context.firstMessageActivates(device.channel);
  return matchLinked(facts, linked, activates);
}

/** What became of our own messages is told whatever the mode; the others belong to their mode. */
function modeAllows({ type }: EventFacts, { inboundMode }: DeviceEntry): boolean {
  if (type === 'message_status') return true;
  return inboundMode === (type === 'submission' ? 'autoreply' : 'webhook');
}

function matchLinked(
  { type }: EventFacts,
  linked: readonly EndpointEntry[],
  firstMessageActivates: boolean,
): MatchResult {
  const endpointIds: string[] = [];
  const pending: EndpointEntry[] = [];
  let subscribed = false;
  for (const endpoint of linked) {
    if (!endpoint.events.includes(type)) continue;
    subscribed = true;
    if (endpoint.status === 'active') endpointIds.push(endpoint.id);
    else if (firstMessageActivates && endpoint.status === 'pending_test') pending.push(endpoint);
  }
  if (endpointIds.length > 0) return { endpointIds, pending };
  return { endpointIds, pending, reason: subscribed ? 'endpoints_inactive' : 'not_subscribed' };
}

function nobody(reason: UnmatchedReason): MatchResult {
  return { endpointIds: [], pending: [], reason };
}
