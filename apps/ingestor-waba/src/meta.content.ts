import { asBoolean, asFilled, asList, asRecord, asString, compact, locationOf } from '@kirisan/channel-kit';
import type { Content } from './meta.content-shape.js';
import { interactiveContent } from './meta.interactive.js';

type Data = Record<string, unknown>;

/** A file: its id is exchanged for bytes with the number's access token; Meta's own `url` needs it as well. */
const file =
  (type: string) =>
  (part: Data): Content => ({
    message: {
      type,
      text: asString(part.caption) ?? '',
      file: compact({
        filename: asFilled(part.filename),
        filetype: type,
        mime_type: asFilled(part.mime_type),
        file_id: asFilled(part.id),
      }),
    },
    extras: withMembers('media', {
      sha256: asFilled(part.sha256),
      voice: asBoolean(part.voice),
      animated: asBoolean(part.animated),
    }),
  });

function location(part: Data): Content {
  const place = locationOf(part.latitude, part.longitude);
  return {
    message: { type: 'location', text: '', ...(place && { location: place }) },
    extras: withMembers('location', {
      name: asString(part.name),
      address: asString(part.address),
      url: asString(part.url),
    }),
  };
}

/** The answer to a quick reply of a template. */
const templateButton = (part: Data): Content => ({
  message: {
    type: 'button_reply',
    text: asString(part.text) ?? '',
    button: compact({ id: asString(part.payload), text: asString(part.text) }),
  },
  extras: {},
});

/** Meta leaves the emoji out, or empty, when a reaction is taken back. */
const reaction = (part: Data): Content => ({
  message: { type: 'reaction', text: asString(part.emoji) ?? '' },
  extras: { reaction: part },
});

const KINDS = new Map<string, (part: Data, message: Data) => Content>([
  ['text', (part) => ({ message: { type: 'text', text: asString(part.body) ?? '' }, extras: {} })],
  ['image', file('image')],
  ['video', file('video')],
  ['audio', file('audio')],
  ['voice', file('audio')],
  ['document', file('document')],
  ['sticker', file('sticker')],
  ['location', location],
  [
    'contacts',
    (_, { contacts }) => ({ message: { type: 'contact', text: '' }, extras: { contacts: asList(contacts) } }),
  ],
  ['button', templateButton],
  ['interactive', interactiveContent],
  [
    'order',
    (part) => ({ message: { type: 'order', text: asString(part.text) ?? '' }, extras: { order: part } }),
  ],
  ['reaction', reaction],
]);

/** Meta's word for the message, or the one known member that tells it. */
export function messageType(message: Data): string {
  return (
    asFilled(message.type) ?? [...KINDS.keys()].find((kind) => Object.hasOwn(message, kind)) ?? 'unknown'
  );
}

/** The content of a message; a type that we do not know passes with Meta's word and whatever comes under it. */
export function contentOf(message: Data): Content {
  const type = messageType(message);
  const part = Object.hasOwn(message, type) ? asRecord(message[type]) : undefined;
  const known = KINDS.get(type);
  return known ? known(part ?? {}, message) : unknownContent(type, message);
}

function unknownContent(type: string, message: Data): Content {
  const content = Object.hasOwn(message, type) ? message[type] : undefined;
  const part = asRecord(content);
  const text = [part?.body, part?.caption, part?.text]
    .map(asString)
    .find((candidate) => candidate !== undefined);
  const isFile = asFilled(part?.id) !== undefined && asFilled(part?.mime_type) !== undefined;
  return {
    message: { type, text: text ?? '', ...(isFile && { file: file(type)(part ?? {}).message.file }) },
    extras: compact({ content: content ?? undefined }),
  };
}

function withMembers(name: string, members: Data): Data {
  const known = compact(members);
  return Object.keys(known).length > 0 ? { [name]: known } : {};
}
