import { Buffer } from 'node:buffer';
import { type EventFacts, type EventPayload, type EventRecord, LIMITS } from '@kirisan/contracts';
import type { NormalisedBody, NormalisedEvent } from '../channel.js';

/** Characters of ids and numbers in the facts, which serve for searching alone. */
const MAX_FACT = 200;
const NOTHING = Buffer.from('null');

/** An event as it travels: its payload as it will be POSTed, and the facts beside it. `acceptedAt` in Unix milliseconds. */
export function recordOf(event: NormalisedEvent<unknown>, channel: string, acceptedAt: number): EventRecord {
  const { device } = event;
  const payload = Buffer.from(JSON.stringify(payloadOf(event.body, channel, device?.token ?? '')));
  const tooLarge = payload.byteLength > LIMITS.eventBytes;
  const facts: EventFacts = {
    id: event.id,
    type: event.body.event,
    channel,
    deviceId: device?.id,
    deviceToken: device?.token ?? '',
    deviceNumber: searchable(device ? device.number : event.lineNumber),
    sender: searchable(event.sender),
    acceptedAt,
    production: true,
    tooLargeBytes: tooLarge ? payload.byteLength : undefined,
  };
  return { facts, payload: tooLarge ? NOTHING : payload };
}

/** The members in the order in which the contract lists them. */
function payloadOf(body: NormalisedBody, channel: string, device: string): EventPayload {
  if (body.event === 'message_status') {
    const { event, recipient, message_id, status, metadata, timestamp } = body;
    return { event, channel, device, recipient, message_id, status, metadata, timestamp, production: true };
  }
  const { event, sender, message, metadata, timestamp } = body;
  return { event, device, channel, sender, message, metadata, timestamp, production: true };
}

/** Text that every store takes: bounded, without NUL and halves of characters. */
function searchable(text: string | undefined): string | undefined {
  return text?.slice(0, MAX_FACT).replace(/\0|\p{Surrogate}/gu, '\ufffd');
}
