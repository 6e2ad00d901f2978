import {
  asFilled,
  asList,
  asRecord,
  type ChannelDevice,
  compact,
  type NormalisedEvent,
  providerSeconds,
  unixSeconds,
} from '@kirisan/channel-kit';
import { eventId } from '@kirisan/contracts';
import { contentOf, messageType } from './meta.content.js';
import type { MetaCredentials } from './meta.credentials.js';
import { contactLookup, senderOf } from './meta.sender.js';

type Data = Record<string, unknown>;

/** Where a message or status was found: a number and what Meta says of it. */
export interface Line {
  phoneNumberId: string;
  displayNumber?: string;
  businessAccountId?: string;
  /** Absent when no device that proved the request has this number. */
  device?: ChannelDevice<MetaCredentials>;
  /** Unix milliseconds. */
  receivedAt: number;
}

/** Not written by a customer on purpose: notices of Meta, and changes of what was already delivered. */
const NO_EVENT = new Set(['system', 'edit', 'revoke']);

/** The messages of one `value` as events, in their order. */
export function messageEvents(value: Data, line: Line): NormalisedEvent<MetaCredentials>[] {
  const contactFor = contactLookup(value);
  const messages = asList(value.messages)
    .map(asRecord)
    .filter((message) => message !== undefined);
  // Meta has been seen to report an interactive message without content as an error of the value.
  const errors = messages.length === 1 && Array.isArray(value.errors) ? value.errors : undefined;
  return messages
    .filter((message) => !NO_EVENT.has(messageType(message)))
    .map((message) => messageEvent(message, contactFor(message), line, errors));
}

function messageEvent(
  message: Data,
  contact: Data | undefined,
  line: Line,
  valueErrors: unknown[] | undefined,
): NormalisedEvent<MetaCredentials> {
  const sender = senderOf(message, contact);
  const content = contentOf(message);
  const context = asRecord(message.context);
  const metadata = compact({
    message_id: asFilled(message.id),
    phone_number_id: line.phoneNumberId,
    display_phone_number: line.displayNumber,
    business_account_id: line.businessAccountId,
    type: messageType(message),
    group_id: asFilled(message.group_id),
    context,
    forwarded: context?.forwarded === true || context?.frequently_forwarded === true || undefined,
    referral: asRecord(message.referral),
    identity: asRecord(message.identity),
    errors: Array.isArray(message.errors) ? message.errors : valueErrors,
    ...content.extras,
  });
  return {
    ...identity(message, line),
    device: line.device,
    sender: sender.sender,
    lineNumber: line.phoneNumberId,
    body: {
      event: 'incoming_message',
      sender,
      message: content.message,
      metadata,
      timestamp: unixSeconds(message.timestamp, line.receivedAt),
    },
  };
}

/**
 * Number and wamid. Traffic for a number without a device has ids of its own kind: whoever proves to own some other app
 * must not be able to use up the id of a message that a device will receive.
 */
function identity(message: Data, line: Line): { id: string; contentOnly?: boolean } {
  const recipe = line.device ? 'waba:message' : 'waba:foreign-message';
  const wamid = asFilled(message.id);
  if (wamid) return { id: eventId(recipe, [line.phoneNumberId, wamid]) };
  const id = eventId(`${recipe}:content`, [line.phoneNumberId, JSON.stringify(message)]);
  return providerSeconds(message.timestamp) === undefined ? { id, contentOnly: true } : { id };
}
