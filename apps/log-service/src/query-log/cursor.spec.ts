import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeCursor, encodeCursor } from './cursor.js';

const cursorOf = (text: string) => Buffer.from(text).toString('base64url');

describe('cursor', () => {
  it('comes back as it went', () => {
    const position = { time: 1_795_428_005_250, id: randomUUID() };
    expect(decodeCursor(encodeCursor(position))).toEqual(position);
  });

  it.each([
    'garbage',
    '',
    cursorOf(`2.1.${randomUUID()}`),
    cursorOf(`1.x.${randomUUID()}`),
    cursorOf(`1.999999999999999.${randomUUID()}`),
    cursorOf(`1.1.${randomUUID()}.more`),
    cursorOf("1.1.'; DROP TABLE"),
    cursorOf('1.1'),
  ])('is refused when it is none of ours: %s', (cursor) => {
    expect(decodeCursor(cursor)).toBeUndefined();
  });
});
