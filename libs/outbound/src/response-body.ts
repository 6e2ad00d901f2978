import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  type ZlibOptions,
} from 'node:zlib';

/** Collects the bytes of a body up to a limit, without keeping the (much larger) buffers they arrived in. */
export class BodyCollector {
  /** Whether bytes beyond the limit were dropped. */
  overflowed = false;
  private buffer: Buffer = Buffer.alloc(0);
  private length = 0;
  private ownsBuffer = false;

  constructor(private readonly limit: number) {}

  add(chunk: Buffer): void {
    const room = this.limit - this.length;
    if (chunk.length > room) this.overflowed = true;
    const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
    if (this.length === 0) this.buffer = part;
    else this.append(part);
    this.length += part.length;
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  private append(part: Buffer): void {
    const needed = this.length + part.length;
    if (!this.ownsBuffer || needed > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.limit, Math.max(needed * 2, 1_024)));
      this.buffer.copy(larger, 0, 0, this.length);
      this.buffer = larger;
      this.ownsBuffer = true;
    }
    part.copy(this.buffer, this.length);
  }
}

/**
 * Text that can be stored anywhere: at most `limit` bytes of valid UTF-8, no NUL, cut between two characters. If the
 * bytes are not whole, a character that they break off in is left out.
 */
export function toText(bytes: Buffer, limit: number, isWhole = true): { text: string; isCut: boolean } {
  const end = isWhole ? bytes.length : wholeCharacters(bytes);
  const kept = bytes.subarray(0, end > limit ? characterBoundary(bytes, limit) : end);
  const text = kept.toString('utf8').replaceAll('\0', '\ufffd');
  if (text.includes('\ufffd') && Buffer.byteLength(text) > limit) {
    const replaced = Buffer.from(text);
    return { text: replaced.toString('utf8', 0, characterBoundary(replaced, limit)), isCut: true };
  }
  return { text, isCut: kept.length < bytes.length };
}

/** The largest offset up to `limit` that does not split a UTF-8 sequence. */
function characterBoundary(bytes: Buffer, limit: number): number {
  let end = limit;
  while (end > limit - 4 && end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return (bytes[end]! & 0xc0) === 0x80 ? limit : end;
}

/** The length without a last UTF-8 sequence that has begun and not ended. */
function wholeCharacters(bytes: Buffer): number {
  let lead = bytes.length - 1;
  while (lead > bytes.length - 4 && lead > 0 && (bytes[lead]! & 0xc0) === 0x80) lead--;
  const first = bytes[lead] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return lead >= 0 && lead + length > bytes.length ? lead : bytes.length;
}

/** What a `Content-Encoding` header names, outermost last; `undefined` if a coding is unknown or there are too many. */
export function codingsOf(contentEncoding: string): string[] | undefined {
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  const known = codings.every((coding) => /^(x-)?gzip$|^deflate$|^br$/.test(coding));
  return known && codings.length <= 2 ? codings : undefined;
}

/**
 * Undoes the codings as far as the bytes go, and leaves bytes alone that were never coded; stops at `limit` bytes, so a
 * bomb costs no more than that.
 */
export async function decode(
  bytes: Buffer,
  codings: readonly string[],
  limit: number,
): Promise<{ bytes: Buffer; isWhole: boolean }> {
  let decoded = { bytes, isWhole: true };
  for (const coding of codings.toReversed()) {
    const next = await inflate(decoded.bytes, coding, limit);
    const wasNeverCoded = next.bytes.length === 0 && !next.isWhole && isUtf8(decoded.bytes);
    if (wasNeverCoded) return { bytes: decoded.bytes, isWhole: false };
    decoded = { bytes: next.bytes, isWhole: next.isWhole && decoded.isWhole };
  }
  return decoded;
}

/** Bytes that deflate or brotli need at most for an empty body; neither always notices that it reads something else. */
const MAX_EMPTY_CODED = 8;

async function inflate(
  bytes: Buffer,
  coding: string,
  limit: number,
): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const collector = new BodyCollector(limit);
  const stream = decoderFor(coding, bytes);
  let isWhole = true;
  stream.on('data', (chunk: Buffer) => {
    collector.add(chunk);
    if (collector.overflowed) stream.destroy();
  });
  stream.on('error', () => (isWhole = false));
  stream.end(bytes);
  await once(stream, 'close').catch(() => undefined);
  if (!coding.endsWith('gzip') && collector.bytes().length === 0 && bytes.length > MAX_EMPTY_CODED)
    isWhole = false;
  return { bytes: collector.bytes(), isWhole: isWhole && !collector.overflowed };
}

function decoderFor(coding: string, bytes: Buffer): Transform {
  // A flush instead of a finish: a body that was cut off is decoded as far as it goes.
  const options: ZlibOptions = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 16 * 1024 };
  if (coding === 'br') {
    return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH, chunkSize: 16 * 1024 });
  }
  if (coding !== 'deflate') return createGunzip(options);
  const hasZlibHead = ((bytes[0] ?? 0) & 0x0f) === 8 && (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) % 31 === 0;
  return hasZlibHead ? createInflate(options) : createInflateRaw(options);
}
