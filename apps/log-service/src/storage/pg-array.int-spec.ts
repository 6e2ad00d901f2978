import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@kirisan/local-stack';
import pg from 'pg';
import { boolArray, int4Array, int8Array, textArray, timestampArray, uuidArray } from './pg-array.js';

// Real: PostgreSQL, which alone can say whether an encoding is right.
let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: await createTestDatabase() });
  await client.connect();
});
afterAll(() => client?.end());

async function roundTrip(type: string, array: Buffer): Promise<unknown[]> {
  const { rows } = await client.query<{ v: unknown }>(`SELECT unnest($1::${type}[]) AS v`, [array]);
  return rows.map(({ v }) => v);
}

describe('binary arrays', () => {
  it.each<[string, Buffer, unknown[]]>([
    [
      'text',
      textArray(['', 'a,"b"\\{}', null, 'é\u{1f600}', Buffer.from('bytes'), undefined]),
      ['', 'a,"b"\\{}', null, 'é\u{1f600}', 'bytes', null],
    ],
    [
      'uuid',
      uuidArray(['0198f2a0-0000-8000-8000-00000000000a', null]),
      ['0198f2a0-0000-8000-8000-00000000000a', null],
    ],
    ['int4', int4Array([0, -1, 2 ** 31 - 1, null]), [0, -1, 2 ** 31 - 1, null]],
    ['int8', int8Array([2 ** 53 - 1, null]), [String(2 ** 53 - 1), null]],
    ['bool', boolArray([true, false]), [true, false]],
    [
      'timestamptz',
      timestampArray([0, 1_795_428_005_250, null]),
      [new Date(0), new Date(1_795_428_005_250), null],
    ],
  ])('of %s arrive as they are', async (type, array, expected) => {
    expect(await roundTrip(type, array)).toEqual(expected);
  });

  it('may be empty', async () => {
    expect(await roundTrip('text', textArray([]))).toEqual([]);
    expect(await roundTrip('uuid', uuidArray([]))).toEqual([]);
  });
});
