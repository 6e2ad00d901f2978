import { Buffer } from 'node:buffer';

const OID = { bool: 16, int8: 20, int4: 23, text: 25, timestamptz: 1184, uuid: 2950 } as const;
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
/** PostgreSQL counts microseconds from 2000-01-01. */
const PG_EPOCH_MS = 946_684_800_000;

type Writer<T> = (buffer: Buffer, value: T, offset: number) => void;

/**
 * Arrays in PostgreSQL's binary form, to be passed as query parameters. Payloads go from the message to the socket as
 * bytes: they are neither decoded, nor quoted as an array literal, nor unquoted on the other side.
 */
export const textArray = (values: readonly (string | Uint8Array | null | undefined)[]): Buffer => {
  const sizes = values.map((value) =>
    value === null || value === undefined
      ? NULL_LENGTH
      : typeof value === 'string'
        ? Buffer.byteLength(value)
        : value.length,
  );
  return encode(OID.text, values, sizes, (buffer, value, offset) => {
    if (typeof value === 'string') buffer.write(value, offset);
    else buffer.set(value, offset);
  });
};

/** Values must be UUIDs as {@link isUuid} knows them. */
export const uuidArray = (values: readonly (string | null | undefined)[]): Buffer =>
  fixed(OID.uuid, 16, values, (buffer, value, offset) =>
    buffer.write(value.replaceAll('-', ''), offset, 'hex'),
  );

export const int4Array = (values: readonly (number | null | undefined)[]): Buffer =>
  fixed(OID.int4, 4, values, (buffer, value, offset) => buffer.writeInt32BE(value, offset));

export const int8Array = (values: readonly (number | null | undefined)[]): Buffer =>
  fixed(OID.int8, 8, values, (buffer, value, offset) => buffer.writeBigInt64BE(BigInt(value), offset));

export const boolArray = (values: readonly boolean[]): Buffer =>
  fixed(OID.bool, 1, values, (buffer, value, offset) => buffer.writeUInt8(value ? 1 : 0, offset));

/** Values are Unix milliseconds. */
export const timestampArray = (values: readonly (number | null | undefined)[]): Buffer =>
  fixed(OID.timestamptz, 8, values, (buffer, value, offset) =>
    buffer.writeBigInt64BE(BigInt(value - PG_EPOCH_MS) * 1_000n, offset),
  );

function fixed<T>(
  oid: number,
  size: number,
  values: readonly (T | null | undefined)[],
  write: Writer<T>,
): Buffer {
  const sizes = values.map((value) => (value === null || value === undefined ? NULL_LENGTH : size));
  return encode(oid, values, sizes, write);
}

function encode<T>(
  oid: number,
  values: readonly (T | null | undefined)[],
  sizes: number[],
  write: Writer<T>,
): Buffer {
  const body = sizes.reduce((sum, size) => sum + LENGTH_BYTES + Math.max(size, 0), 0);
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + body);
  writeHeader(buffer, oid, values.length, sizes.includes(NULL_LENGTH));
  let offset = HEADER_BYTES;
  values.forEach((value, index) => {
    const size = sizes[index]!;
    buffer.writeInt32BE(size, offset);
    offset += LENGTH_BYTES;
    if (size === NULL_LENGTH) return;
    write(buffer, value as T, offset);
    offset += size;
  });
  return buffer;
}

/** One dimension (also of an empty array: PostgreSQL takes a length of 0), lower bound 1. */
function writeHeader(buffer: Buffer, oid: number, length: number, hasNull: boolean): void {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(hasNull ? 1 : 0, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
}
