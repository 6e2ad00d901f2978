import { Buffer } from 'node:buffer';
import type { EventFacts, EventRecord } from './events.js';

const LINE_BREAK = 0x0a;

/**
 * A batch of events as bytes: for each event a line of facts (JSON) and a line of payload (the bytes to be POSTed).
 * Payloads are JSON without raw line breaks, so they pass through untouched and nobody on the way parses them.
 */
export function encodeRecords<F extends EventFacts>(records: readonly EventRecord<F>[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { facts, payload } of records)
    parts.push(Buffer.from(`${JSON.stringify(facts)}\n`), payload, NEWLINE);
  return Buffer.concat(parts);
}

const NEWLINE = Buffer.from('\n');

/** The inverse of {@link encodeRecords}. Payloads are views into `bytes`. Throws `FrameError` on anything else. */
export function decodeRecords<F extends EventFacts>(bytes: Uint8Array): EventRecord<F>[] {
  const lines = splitLines(bytes);
  if (lines.length % 2 !== 0) throw new FrameError('a line of facts without its payload');
  const records: EventRecord<F>[] = [];
  for (let i = 0; i < lines.length; i += 2) {
    records.push({ facts: parseLine<F>(lines[i]!), payload: lines[i + 1]! });
  }
  return records;
}

/** Splits at line breaks; every line must be ended by one. */
export function splitLines(bytes: Uint8Array): Buffer[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: Buffer[] = [];
  let start = 0;
  while (start < buffer.length) {
    const end = buffer.indexOf(LINE_BREAK, start);
    if (end < 0) throw new FrameError('the last line is cut off');
    lines.push(buffer.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

/** Parses one JSON line; throws `FrameError` if it is none. */
export function parseLine<T>(line: Buffer): T {
  try {
    return JSON.parse(line.toString('utf8')) as T;
  } catch (cause) {
    throw new FrameError(`a line is not JSON: ${(cause as Error).message}`);
  }
}

/** The bytes are not a frame of ours: a bug or a foreign publisher, never worth a retry. */
export class FrameError extends Error {
  override name = 'FrameError';
}
