import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { extensionOf, fileKind, mimeOf } from './file-kind.js';
import { locationOf } from './location.js';
import { phoneOrId } from './phone.js';
import { providerSeconds, unixSeconds } from './unix-seconds.js';
import { asBoolean, asFilled, asList, asNumber, asRecord, asString, compact } from './values.js';

const RECEIVED = 1_768_200_100_500;
const NOW = 1_768_200_100;

describe('unixSeconds', () => {
  it.each([
    [1_768_200_000, 1_768_200_000],
    ['1768200000', 1_768_200_000],
    [1_768_200_000_999, 1_768_200_000],
    ['1768200000999', 1_768_200_000],
    [1_768_200_000.7, 1_768_200_000],
    ['2026-01-12T06:40:00Z', 1_768_200_000],
    ['2026-01-12 06:40:00', 1_768_200_000],
    ['2026-01-12T13:40:00.5+07:00', 1_768_200_000],
    [NOW + 3_600, NOW + 3_600],
  ])('%p is %p', (value, expected) => expect(unixSeconds(value, RECEIVED)).toBe(expected));

  it.each([
    undefined,
    null,
    '',
    'soon',
    0,
    '0',
    -5,
    12,
    NaN,
    Infinity,
    '1e999',
    4_102_444_800,
    {},
    [],
    true,
    '2026',
  ])('%p is missing or absurd: the receive time', (value) => expect(unixSeconds(value, RECEIVED)).toBe(NOW));

  it('is an integer whatever comes', () => {
    fc.assert(fc.property(fc.anything(), (value) => Number.isSafeInteger(unixSeconds(value, RECEIVED))));
  });

  it('keeps a provider time for ids even if it is ahead', () => {
    expect(providerSeconds(4_102_444_800)).toBe(4_102_444_800);
    expect(providerSeconds(0)).toBeUndefined();
  });
});

describe('values', () => {
  it('reads strings of strings and numbers alone', () => {
    expect([
      asString('a'),
      asString(0),
      asString(-100123),
      asString(NaN),
      asString(true),
      asString({}),
    ]).toEqual(['a', '0', '-100123', undefined, undefined, undefined]);
    expect([asFilled(' '), asFilled('0'), asFilled(0)]).toEqual([undefined, '0', '0']);
  });

  it('reads booleans as forms write them', () => {
    expect(['false', 'False', '0', 0, false].map(asBoolean)).toEqual([false, false, false, false, false]);
    expect(['true', ' TRUE ', '1', 1, true].map(asBoolean)).toEqual([true, true, true, true, true]);
    expect(['', 'yes', null, {}, 2].map(asBoolean)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('reads numbers of decimal text alone', () => {
    expect(['-6.33', ' 0 ', '1e3', '.5'].map(asNumber)).toEqual([-6.33, 0, 1000, 0.5]);
    expect(
      ['', ' ', '0x10', '1,5', 'NaN', 'Infinity', null, []].map(asNumber).every((n) => n === undefined),
    ).toBe(true);
  });

  it('reads records and lists', () => {
    expect(asRecord([])).toBeUndefined();
    expect(asRecord(null)).toBeUndefined();
    expect(asList('ab')).toEqual([]);
    expect(compact({ a: undefined, b: 0, c: '' })).toEqual({ b: 0, c: '' });
  });

  it('takes 0 for a coordinate and nothing that is off the globe', () => {
    expect(locationOf(0, '0')).toEqual({ latitude: 0, longitude: 0, coordinate: '0,0' });
    expect(locationOf('91', 0)).toBeUndefined();
    expect(locationOf(1, undefined)).toBeUndefined();
  });

  it('knows kinds and MIME types of files', () => {
    expect(fileKind('Audio/ogg; codecs=opus')).toBe('audio');
    expect(fileKind('application/pdf')).toBe('document');
    expect(fileKind(undefined)).toBe('document');
    expect(mimeOf('Scan.JPG')).toBe('image/jpeg');
    expect(mimeOf('constructor')).toBeUndefined();
    expect(extensionOf('archive.tar.gz')).toBe('gz');
    expect(extensionOf('')).toBeUndefined();
  });

  it('normalises phone numbers and leaves opaque ids', () => {
    expect(phoneOrId('+62 812-0000 0009')).toBe('6281200000009');
    expect(phoneOrId('6281200000009@s.whatsapp.net')).toBe('6281200000009');
    expect(phoneOrId('120363041234567890@g.us')).toBe('120363041234567890@g.us');
    expect(phoneOrId('98765432101234@lid')).toBe('98765432101234@lid');
    expect(phoneOrId('US.1234')).toBe('US.1234');
  });
});
