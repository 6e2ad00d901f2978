import { asFilled, asList, asNumber, asRecord, asString, compact } from '@kirisan/channel-kit';
import type { Content, Data } from './telegram.content-shape.js';

/**
 * A file and its caption. The file has no URL: Telegram's would hold the bot's token, so receivers get the `file_id`.
 * `kind` is both the type of the message and the kind word of the file.
 */
export function fileContent(kind: string, part: Data, message: Data): Content {
  const { file_unique_id, file_size, width, height, duration, performer, title } = part;
  const media = compact({ file_unique_id, file_size, width, height, duration, performer, title });
  return {
    message: {
      type: kind,
      text: asString(message.caption) ?? '',
      file: compact({
        filename: asFilled(part.file_name),
        filetype: kind,
        mime_type: asFilled(part.mime_type),
        file_id: asFilled(part.file_id),
      }),
    },
    extras: Object.keys(media).length > 0 ? { media } : {},
  };
}

/** The largest of the sizes of a photo: by area, then by bytes; their order is not promised. */
export function largest(sizes: unknown): Data | undefined {
  return asList(sizes)
    .map(asRecord)
    .filter((size) => size !== undefined)
    .reduce<Data | undefined>((best, size) => (best && !isLarger(size, best) ? best : size), undefined);
}

function isLarger(size: Data, best: Data): boolean {
  const difference = area(size) - area(best);
  return (
    difference > 0 || (difference === 0 && (asNumber(size.file_size) ?? 0) > (asNumber(best.file_size) ?? 0))
  );
}

const area = (size: Data) => (asNumber(size.width) ?? 0) * (asNumber(size.height) ?? 0);

/** Media that the reader pays for: the first that is there as a file; a mere preview has none. */
export function paidMedia(part: Data, message: Data): Content {
  const items = asList(part.paid_media)
    .map(asRecord)
    .filter((item) => item !== undefined);
  const files = items.map(fileOfPaid).filter((file) => file !== undefined);
  const content = fileContent('paid_media', files[0] ?? {}, message);
  const { file, ...bare } = content.message;
  return {
    message: files.length > 0 ? { ...bare, file: compact({ ...file, filetype: undefined }) } : bare,
    extras: { ...content.extras, paid_media: part },
  };
}

const fileOfPaid = (item: Data) => asRecord(item.video) ?? largest(item.photo) ?? asRecord(item.live_photo);
