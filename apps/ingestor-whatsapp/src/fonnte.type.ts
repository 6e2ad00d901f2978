import { asFilled } from '@kirisan/channel-kit';
import type { FonnteBody } from './fonnte.call.js';
import type { FonnteContent } from './fonnte.content.js';

/** Words seen in `type`, and what the contract calls them. `text` and `file` say little: what the message holds decides. */
const KNOWN_WORDS: Record<string, string> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  voice: 'audio',
  ptt: 'audio',
  document: 'document',
  sticker: 'sticker',
  location: 'location',
  contact: 'contact',
  contacts: 'contact',
  vcard: 'contact',
  button: 'button_reply',
  button_reply: 'button_reply',
  poll: 'poll',
  list: 'list_reply',
  list_reply: 'list_reply',
};

const VAGUE_WORDS = new Set(['text', 'chat', 'file', 'media']);

/** The message's type, and whether it is a word of Fonnte's that we do not know. */
export function typeOf(body: FonnteBody, content: FonnteContent): { type: string; unknown: boolean } {
  const word = asFilled(body['type'])?.trim();
  const lower = word?.toLowerCase() ?? '';
  if (Object.hasOwn(KNOWN_WORDS, lower)) return { type: KNOWN_WORDS[lower]!, unknown: false };
  if (word !== undefined && !VAGUE_WORDS.has(lower)) return { type: word, unknown: true };
  return {
    type: typeByContent(content) ?? (lower === 'text' || lower === 'chat' ? 'text' : 'unknown'),
    unknown: false,
  };
}

function typeByContent(content: FonnteContent): string | undefined {
  if (content.file) return content.file.filetype;
  if (content.location) return 'location';
  if (content.pollname !== undefined || content.choices.length > 0) return 'poll';
  if (content.button) return 'button_reply';
  return content.text === '' ? undefined : 'text';
}
