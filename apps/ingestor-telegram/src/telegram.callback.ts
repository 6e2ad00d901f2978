import {
  asFilled,
  asList,
  asRecord,
  asString,
  compact,
  type NormalisedEvent,
  unixSeconds,
} from '@kirisan/channel-kit';
import { eventId } from '@kirisan/contracts';
import { botIdOf, type TelegramCredentials } from './telegram.credentials.js';
import { senderId, senderOf } from './telegram.sender.js';
import type { UpdateContext } from './telegram.update.js';

type Data = Record<string, unknown>;

/**
 * A pressed inline button as an event. `from` is who pressed; the message is the bot's own, may be gone, and its text is
 * never the customer's. A callback has no time of its own (Bot API, CallbackQuery): the receive time is taken.
 */
export function callbackEvent(
  query: Data,
  context: UpdateContext,
): NormalisedEvent<TelegramCredentials> | undefined {
  const message = asRecord(query.message);
  const chat = asRecord(message?.chat);
  const from = asRecord(query.from);
  if (senderId(chat, from) === undefined) return undefined;
  const sender = senderOf(chat, from);
  const data = asString(query.data);
  const button = data === undefined ? undefined : compact({ id: data, text: labelOf(message, data) });
  const messageId = asFilled(message?.message_id);
  const inlineMessageId = asFilled(query.inline_message_id);
  return {
    id: eventId('telegram:callback', [
      botIdOf(context.device.credentials.botToken),
      context.updateId,
      asString(chat?.id) ?? '',
      messageId ?? inlineMessageId ?? '',
      asString(query.id) ?? '',
    ]),
    device: context.device,
    sender: sender.sender,
    body: {
      event: 'incoming_message',
      sender,
      message: { type: 'callback', text: data ?? '', ...(button && { button }) },
      metadata: compact({
        update_id: context.updateId,
        update_type: context.kind,
        callback_query_id: asFilled(query.id),
        message_id: messageId,
        message_thread_id: asFilled(message?.message_thread_id),
        business_connection_id: asFilled(message?.business_connection_id),
        inline_message_id: inlineMessageId,
        chat_instance: asFilled(query.chat_instance),
        game_short_name: asFilled(query.game_short_name),
      }),
      timestamp: unixSeconds(undefined, context.receivedAt),
    },
  };
}

/** What was written on the button: the data alone comes back, and only from a keyboard that is still there. */
function labelOf(message: Data | undefined, data: string): string | undefined {
  const rows = asList(asRecord(message?.reply_markup)?.inline_keyboard);
  const buttons = rows.flatMap(asList).map(asRecord);
  return asString(buttons.find((button) => button?.callback_data === data)?.text);
}
