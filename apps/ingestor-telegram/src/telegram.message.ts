import {
  asFilled,
  asRecord,
  asString,
  compact,
  type NormalisedEvent,
  unixSeconds,
} from '@kirisan/channel-kit';
import { eventId } from '@kirisan/contracts';
import { contentOf } from './telegram.content.js';
import { botIdOf, type TelegramCredentials } from './telegram.credentials.js';
import { SERVICE_KINDS } from './telegram.kinds.js';
import { senderId, senderOf } from './telegram.sender.js';
import type { UpdateContext } from './telegram.update.js';

type Data = Record<string, unknown>;

/** A message as an event, or undefined where no customer wrote it. */
export function messageEvent(
  message: Data,
  context: UpdateContext,
): NormalisedEvent<TelegramCredentials> | undefined {
  const chat = asRecord(message.chat);
  const from = asRecord(message.from);
  if (senderId(chat, from) === undefined || isOurs(message, context) || isService(message)) return undefined;
  const sender = senderOf(chat, from, asRecord(message.sender_chat));
  const content = contentOf(message);
  return {
    id: eventId('telegram:message', [
      botIdOf(context.device.credentials.botToken),
      context.updateId,
      asString(chat?.id) ?? '',
      asString(message.message_id) ?? '',
      asString(message.date) ?? '',
    ]),
    device: context.device,
    sender: sender.sender,
    body: {
      event: 'incoming_message',
      sender,
      message: content.message,
      metadata: { ...metadataOf(message, context), ...content.extras },
      timestamp: unixSeconds(message.date, context.receivedAt),
    },
  };
}

/** Written by the bot itself, by the business that it is connected to, or copied from a channel by Telegram. */
function isOurs(message: Data, { device, kind }: UpdateContext): boolean {
  const author = asString(asRecord(message.from)?.id);
  if (author === botIdOf(device.credentials.botToken) || message.is_automatic_forward === true) return true;
  if (kind !== 'business_message') return false;
  if (asRecord(message.sender_business_bot)) return true;
  // A business chat is named by its customer; the business itself writes under another id.
  const chat = asRecord(message.chat);
  return author !== undefined && chat?.type === 'private' && asString(chat.id) !== author;
}

const isService = (message: Data) => SERVICE_KINDS.some((kind) => Object.hasOwn(message, kind));

function metadataOf(message: Data, { updateId, kind }: UpdateContext): Data {
  const quote = asRecord(message.quote);
  const entities = [message.entities, message.caption_entities].find(Array.isArray);
  return compact({
    update_id: updateId,
    update_type: kind,
    message_id: asFilled(message.message_id),
    ephemeral_message_id: asFilled(message.ephemeral_message_id),
    business_connection_id: asFilled(message.business_connection_id),
    media_group_id: asFilled(message.media_group_id),
    message_thread_id: asFilled(message.message_thread_id),
    reply_to_message_id: asFilled(asRecord(message.reply_to_message)?.message_id),
    quote: asString(quote?.text),
    forward_origin: asRecord(message.forward_origin) ?? oldForward(message),
    via_bot: asFilled(asRecord(message.via_bot)?.username),
    author_signature: asFilled(message.author_signature),
    entities,
  });
}

/** How Bot API servers before 7.0 told of forwards. */
function oldForward(message: Data): Data | undefined {
  const { forward_from, forward_from_chat, forward_sender_name, forward_date } = message;
  const known = compact({
    sender_user: asRecord(forward_from),
    chat: asRecord(forward_from_chat),
    sender_user_name: asFilled(forward_sender_name),
    date: forward_date,
  });
  return Object.keys(known).length > 0 ? known : undefined;
}
