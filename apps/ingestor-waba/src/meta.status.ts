import {
  asFilled,
  asList,
  asNumber,
  asRecord,
  asString,
  compact,
  type NormalisedEvent,
  phoneOrId,
  unixSeconds,
} from '@kirisan/channel-kit';
import { eventId, type MessageStatusPayload } from '@kirisan/contracts';
import type { MetaCredentials } from './meta.credentials.js';
import type { Line } from './meta.message.js';

type Data = Record<string, unknown>;

/** Meta reports other things than messages in the same list. */
const NOT_OF_A_MESSAGE = new Set<unknown>(['call', 'payment']);

/** The statuses of one `value` as events, in their order. */
export function statusEvents(value: Data, line: Line): NormalisedEvent<MetaCredentials>[] {
  return asList(value.statuses)
    .map(asRecord)
    .filter((status) => status !== undefined)
    .filter(({ type }) => !NOT_OF_A_MESSAGE.has(type))
    .map((status) => statusEvent(status, line))
    .filter((event) => event !== undefined);
}

function statusEvent(status: Data, line: Line): NormalisedEvent<MetaCredentials> | undefined {
  const messageId = asFilled(status.id);
  const word = asFilled(status.status);
  if (!messageId || !word) return undefined;
  const recipient = phoneOrId(asFilled(status.recipient_id) ?? asFilled(status.recipient_user_id) ?? '');
  const participant = participantOf(status);
  const recipe = line.device ? 'waba:status' : 'waba:foreign-status';
  return {
    id: eventId(recipe, [line.phoneNumberId, messageId, word, participant.id]),
    device: line.device,
    sender: recipient,
    lineNumber: line.phoneNumberId,
    body: {
      event: 'message_status',
      recipient,
      message_id: messageId,
      status: word,
      metadata: compact({
        message_id: messageId,
        status: word,
        errors: errorsOf(status),
        ...participant.metadata,
      }),
      timestamp: unixSeconds(status.timestamp, line.receivedAt),
    },
  };
}

/** In a group the recipient is the group, and every participant has a status of their own; Meta writes the member in two ways. */
function participantOf(status: Data): { id: string; metadata: Data } {
  const id = asFilled(status.recipient_participant_id) ?? asFilled(status.participant_recipient_id);
  const userId =
    asFilled(status.recipient_participant_user_id) ?? asFilled(status.participant_recipient_user_id);
  const metadata = {
    recipient_type: asFilled(status.recipient_type),
    participant_id: id,
    participant_user_id: userId,
  };
  return { id: id ?? userId ?? '', metadata };
}

function errorsOf(status: Data): MessageStatusPayload['metadata']['errors'] {
  const errors = asList(status.errors)
    .map(asRecord)
    .filter((error) => error !== undefined);
  if (errors.length === 0) return undefined;
  return errors.map((error) => {
    const title = asString(error.title) ?? asString(error.message) ?? '';
    return { code: asNumber(error.code) ?? 0, title, message: asString(error.message) ?? title };
  });
}
