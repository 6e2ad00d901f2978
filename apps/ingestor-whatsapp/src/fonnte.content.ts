import type { MessageButton, MessageFile, MessageLocation } from '@kirisan/contracts';
import {
  asFilled,
  asList,
  asRecord,
  asString,
  compact,
  extensionOf,
  fileKind,
  locationOf,
  mimeOf,
  parseJson,
} from '@kirisan/channel-kit';
import type { FonnteBody } from './fonnte.call.js';

/** What a message holds, field by field, with Fonnte's fillers taken for what they are: nothing. */
export interface FonnteContent {
  /** `""` if there is none. */
  text: string;
  button?: MessageButton;
  file?: MessageFile;
  location?: MessageLocation;
  pollname?: string;
  choices: string[];
}

const FILLERS = new Set(['non-text message', 'non-button message']);

export function contentOf(body: FonnteBody): FonnteContent {
  const button = buttonOf(body);
  const choices = choicesOf(body['choices']);
  return compact({
    text: mainText(body) || button?.text || choices.join(', '),
    button,
    file: fileOf(body),
    location: placeOf(body['location']),
    pollname: asFilled(body['pollname']),
    choices,
  });
}

/** Message or caption; `pesan` is its Indonesian twin. */
function mainText(body: FonnteBody): string {
  return withoutFiller(body['message']) || withoutFiller(body['pesan']);
}

function withoutFiller(value: unknown): string {
  const text = asString(value) ?? '';
  return FILLERS.has(text.trim().toLowerCase()) ? '' : text;
}

/** `text` holds the text of the pressed button; where the body calls itself a text, a mere copy of it is none. */
function buttonOf(body: FonnteBody): MessageButton | undefined {
  const text = withoutFiller(body['text']);
  if (text.trim() === '') return undefined;
  const copy = asString(body['type'])?.trim().toLowerCase() === 'text' && text === mainText(body);
  return copy ? undefined : { text };
}

function fileOf(body: FonnteBody): MessageFile | undefined {
  const url = asFilled(body['url'])?.trim();
  const filename = asFilled(body['filename']);
  if (url === undefined && filename === undefined) return undefined;
  const mime = mimeTypeOf(asFilled(body['extension']), filename, url);
  return compact({ url, filename, filetype: isWebp(mime) ? 'sticker' : fileKind(mime), mime_type: mime });
}

/** WhatsApp's pictures are JPEG: what comes as WebP is a sticker. */
const isWebp = (mime: string | undefined) => mime === 'image/webp';

function mimeTypeOf(extension: string | undefined, filename: string | undefined, url: string | undefined) {
  if (extension !== undefined && /^[a-z]+\/[\w.+-]+$/i.test(extension.trim()))
    return extension.trim().toLowerCase();
  return mimeOf(extension) ?? mimeOf(filename) ?? mimeOf(fileNameIn(url));
}

function fileNameIn(url: string | undefined): string | undefined {
  const name = url === undefined ? undefined : /^[^?#]*\/([^/?#]+)/.exec(url)?.[1];
  return name !== undefined && name.includes('.') && extensionOf(name) !== undefined ? name : undefined;
}

/** `"-6.33,106.77"`; objects are tolerated. */
function placeOf(value: unknown): MessageLocation | undefined {
  const place = asRecord(value);
  if (place) {
    return locationOf(
      place['latitude'] ?? place['lat'] ?? place['degreesLatitude'],
      place['longitude'] ?? place['lng'] ?? place['long'] ?? place['degreesLongitude'],
    );
  }
  const [latitude, longitude, ...rest] = typeof value === 'string' ? value.split(',', 3) : [];
  return rest.length === 0 ? locationOf(latitude, longitude) : undefined;
}

/** Chosen answers of a poll; a form may hold the list as JSON text. */
function choicesOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : listInText(asFilled(value));
  return list
    .map((choice) => asFilled(choice) ?? asFilled(asRecord(choice)?.['name']))
    .filter((choice) => choice !== undefined);
}

function listInText(text: string | undefined): unknown[] {
  if (text === undefined || text === '[]') return [];
  if (!text.trim().startsWith('[')) return [text];
  try {
    return asList(parseJson(new TextEncoder().encode(text)));
  } catch {
    return [text];
  }
}
