import { Buffer } from 'node:buffer';
import { MalformedRequestError } from '../errors.js';
import { decodeUtf8 } from './decode-utf8.js';
import { formOf } from './parse-form.js';

/**
 * `multipart/form-data` bytes as data, like a form; parts that are files are left out, since no provider of ours
 * sends bytes. Throws `MalformedRequestError`.
 */
export function parseMultipart(contentType: string, bytes: Uint8Array): Record<string, unknown> {
  const boundary = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (!mark) throw new MalformedRequestError('content-type: multipart without a boundary');
  const parts = splitParts(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), `--${mark}`);
  return formOf(parts.map(readPart).filter((pair) => pair !== undefined));
}

function splitParts(body: Buffer, mark: string): Buffer[] {
  const parts: Buffer[] = [];
  let start = body.indexOf(mark);
  while (start >= 0) {
    const from = start + mark.length;
    if (body.subarray(from, from + 2).toString('latin1') === '--') return parts;
    const next = body.indexOf(`\r\n${mark}`, from);
    if (next < 0) break;
    parts.push(body.subarray(from, next));
    start = next + 2;
  }
  throw new MalformedRequestError('body: multipart without its end');
}

function readPart(part: Buffer): [string, string] | undefined {
  const end = part.indexOf('\r\n\r\n');
  if (end < 0) throw new MalformedRequestError('body: a multipart part without headers');
  const headers = decodeUtf8(part.subarray(0, end));
  const name = /^content-disposition:[^\r\n]*;\s*name="([^"\r\n]*)"/im.exec(headers)?.[1];
  if (name === undefined || /^content-disposition:[^\r\n]*;\s*filename\*?=/im.test(headers)) return undefined;
  return [name, decodeUtf8(part.subarray(end + 4))];
}
