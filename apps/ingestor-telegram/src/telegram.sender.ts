import { asBoolean, asFilled, asString, compact } from '@kirisan/channel-kit';
import type { Sender } from '@kirisan/contracts';

type Data = Record<string, unknown>;

/** Where to reply: the chat, else (a button of an inline message) the person. */
export function senderId(chat: Data | undefined, from: Data | undefined): string | undefined {
  return asFilled(chat?.id) ?? asFilled(from?.id);
}

/**
 * Who wrote. For messages in the name of a chat (anonymous administrators, linked channels) `from` is missing or a
 * stand-in of Telegram's, and `sender_chat` is the real author (Bot API, Message).
 */
export function senderOf(chat: Data | undefined, from: Data | undefined, senderChat?: Data): Sender {
  const author = senderChat && (!from || asBoolean(from.is_bot)) ? senderChat : from;
  const details = compact({
    chat_id: asFilled(chat?.id),
    user_id: asFilled(from?.id),
    username: asFilled(from?.username),
    first_name: asFilled(from?.first_name),
    last_name: asFilled(from?.last_name),
    language_code: asFilled(from?.language_code),
    is_bot: asBoolean(from?.is_bot),
    chat_type: asFilled(chat?.type),
    chat_title: asFilled(chat?.title),
    chat_username: asFilled(chat?.username),
    sender_chat_id: asFilled(senderChat?.id),
    sender_chat_title: asFilled(senderChat?.title),
  });
  return { sender: senderId(chat, from) ?? '', name: displayName(author ?? chat), details };
}

function displayName(author: Data | undefined): string {
  const person = [asString(author?.first_name), asString(author?.last_name)]
    .map((name) => name?.trim())
    .filter(Boolean);
  return person.length > 0 ? person.join(' ') : (asFilled(author?.title) ?? asFilled(author?.username) ?? '');
}
