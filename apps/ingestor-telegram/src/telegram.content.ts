import { asList, asRecord, asString, compact, locationOf } from '@kirisan/channel-kit';
import type { Content, Data } from './telegram.content-shape.js';
import { fileContent, largest, paidMedia } from './telegram.files.js';
import { ENVELOPE, PLAIN_KINDS } from './telegram.kinds.js';
import { richText } from './telegram.rich-text.js';

/** Makes the content of one kind from the member of the message that bears its name. */
type Reader = (part: Data, message: Data) => Content;

function sticker(part: Data, message: Data): Content {
  const { message: content, extras } = fileContent('sticker', part, message);
  const { emoji, set_name, is_animated, is_video } = part;
  return {
    message: content,
    extras: { ...extras, sticker: compact({ emoji, set_name, is_animated, is_video }) },
  };
}

function location(part: Data): Content {
  const place = locationOf(part.latitude, part.longitude);
  const { horizontal_accuracy, live_period, heading, proximity_alert_radius } = part;
  const live = compact({ horizontal_accuracy, live_period, heading, proximity_alert_radius });
  return {
    message: { type: 'location', text: '', ...(place && { location: place }) },
    extras: Object.keys(live).length > 0 ? { location: live } : {},
  };
}

function venue(part: Data, message: Data): Content {
  const { location: nested, ...facts } = part;
  const place = location(asRecord(message.location) ?? asRecord(nested) ?? {});
  return { message: place.message, extras: { ...place.extras, venue: facts } };
}

/** The type and the text that the sender wrote; the rest as Telegram gave it. */
const written =
  (type: string, name: string, text: (part: Data) => string | undefined): Reader =>
  (part) => ({
    message: { type, text: text(part) ?? '' },
    extras: { [name]: part },
  });

/** In the order to look for them: Telegram repeats some kinds as an older one beside them (Bot API, Message). */
const READERS: readonly (readonly [string, Reader])[] = [
  ['animation', (part, message) => fileContent('video', part, message)],
  [
    'live_photo',
    (part, message) => fileContent('image', asRecord(largest(message.photo ?? part.photo)) ?? part, message),
  ],
  ['photo', (_, message) => fileContent('image', largest(message.photo) ?? {}, message)],
  ['video', (part, message) => fileContent('video', part, message)],
  ['video_note', (part, message) => fileContent('video', part, message)],
  ['voice', (part, message) => fileContent('audio', part, message)],
  ['audio', (part, message) => fileContent('audio', part, message)],
  ['document', (part, message) => fileContent('document', part, message)],
  ['sticker', sticker],
  ['paid_media', paidMedia],
  ['venue', venue],
  ['location', location],
  ['contact', written('contact', 'contact', () => '')],
  ['web_app_data', written('web_app_data', 'web_app_data', ({ data }) => asString(data))],
  ['poll', written('poll', 'poll', ({ question }) => asString(question))],
  ['checklist', written('checklist', 'checklist', ({ title }) => asString(title))],
  ['rich_message', written('text', 'rich_message', ({ blocks }) => richText(asList(blocks)))],
  ...PLAIN_KINDS.map((kind): readonly [string, Reader] => [kind, written(kind, kind, () => undefined)]),
];

/** The content of a message; one of a kind that we do not know passes with Telegram's word and whatever comes under it. */
export function contentOf(message: Data): Content {
  const text = asString(message.text);
  if (text !== undefined) return { message: { type: 'text', text }, extras: {} };
  for (const [kind, read] of READERS) {
    if (Object.hasOwn(message, kind)) return read(asRecord(message[kind]) ?? {}, message);
  }
  return unknownContent(message);
}

function unknownContent(message: Data): Content {
  const members = Object.keys(message).filter((name) => !ENVELOPE.has(name));
  const kind =
    members.find((name) => typeof message[name] === 'object' && message[name] !== null) ?? members[0];
  const value = kind === undefined ? undefined : message[kind];
  const part = asRecord(value) ?? {};
  const content = fileContent(kind || 'unknown', part, message);
  const hasFile = asString(part.file_id) !== undefined;
  const { file: _, ...bare } = content.message;
  const text = content.message.text || asString(part.text) || '';
  return {
    message: { ...(hasFile ? content.message : bare), text },
    extras: compact({ ...content.extras, content: value ?? undefined }),
  };
}
