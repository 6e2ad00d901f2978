/** Kind words of files, as `message.type` and `file.filetype` use them. */
export type FileKind = 'image' | 'video' | 'audio' | 'document';

const MIME_BY_EXTENSION: Record<string, string> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  jfif: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
  heic: 'image/heic',
  heif: 'image/heif',
  avif: 'image/avif',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  svg: 'image/svg+xml',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  '3gp': 'video/3gpp',
  '3gpp': 'video/3gpp',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mkv: 'video/x-matroska',
  avi: 'video/x-msvideo',
  mp3: 'audio/mpeg',
  mpga: 'audio/mpeg',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  amr: 'audio/amr',
  wav: 'audio/wav',
  flac: 'audio/flac',
  pdf: 'application/pdf',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  zip: 'application/zip',
  txt: 'text/plain',
  csv: 'text/csv',
  vcf: 'text/vcard',
  json: 'application/json',
};

/** The usual MIME type of a file name or bare extension; undefined for one that we do not know. */
export function mimeOf(nameOrExtension: string | undefined): string | undefined {
  const extension = extensionOf(nameOrExtension);
  return extension !== undefined && Object.hasOwn(MIME_BY_EXTENSION, extension)
    ? MIME_BY_EXTENSION[extension]
    : undefined;
}

/** `jpg` of `Photo.JPG`, `.jpg` and `jpg`. */
export function extensionOf(nameOrExtension: string | undefined): string | undefined {
  const last = nameOrExtension?.trim().split('.').at(-1)?.toLowerCase();
  return last !== undefined && /^[a-z0-9]{1,10}$/.test(last) ? last : undefined;
}

/** The kind word of a MIME type (parameters and case do not matter); `document` where it is not a picture or sound. */
export function fileKind(mimeType: string | undefined): FileKind {
  const family = mimeType?.trim().toLowerCase().split('/', 1)[0];
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'document';
}
