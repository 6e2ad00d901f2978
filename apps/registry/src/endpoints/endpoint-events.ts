import {
  type ChannelDescriptor,
  EVENT_TYPES,
  type EventType,
  LEGACY_SUBMISSION_EVENT,
} from '@kirisan/contracts';
import { InvalidFieldException } from '../http/invalid-field.js';

/** The events of an endpoint; subscribed to by the old name alone, it is called by the old name. */
export interface Subscription {
  events: EventType[];
  legacySubmission: boolean;
}

/** Reads the names that people write, the old one included; an endpoint with both names gets the new one. */
export function readEvents(names: readonly string[]): Subscription {
  const old = names.includes(LEGACY_SUBMISSION_EVENT);
  const events = EVENT_TYPES.filter((type) => names.includes(type) || (old && type === 'submission'));
  return { events, legacySubmission: old && !names.includes('submission') };
}

/** As people wrote them. */
export function writeEvents({ events, legacySubmission }: Subscription): string[] {
  return events.map((type) => (legacySubmission && type === 'submission' ? LEGACY_SUBMISSION_EVENT : type));
}

/** Throws 400 unless every event can happen on at least one of the linked devices' channels. */
export function assertOffered(
  events: readonly EventType[],
  linked: readonly ChannelDescriptor[],
  all: readonly ChannelDescriptor[],
): void {
  for (const event of events) {
    if (linked.some((channel) => channel.events.includes(event))) continue;
    const having = all.filter((channel) => channel.events.includes(event)).map(({ name }) => name);
    const reason = `${event} needs at least one linked device of a channel that has it (${having.join(', ') || 'none'})`;
    throw new InvalidFieldException('events', reason);
  }
}
