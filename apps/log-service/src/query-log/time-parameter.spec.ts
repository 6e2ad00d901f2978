import { describe, expect, it } from '@jest/globals';
import { parseTime } from './time-parameter.js';

describe('parseTime', () => {
  it.each([
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    ['2026-11-23T10:00', '2026-11-23T10:00:00.000Z'],
    ['2026-11-23T10:00:05.250', '2026-11-23T10:00:05.250Z'],
    ['2026-11-23T10:00:05Z', '2026-11-23T10:00:05.000Z'],
    ['2026-11-23T10:00:05+07:00', '2026-11-23T03:00:05.000Z'],
    ['1795428005', '2026-11-23T10:00:05.000Z'],
    ['1795428005250', '2026-11-23T10:00:05.250Z'],
    ['0', '1970-01-01T00:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(parseTime(text)?.toISOString()).toBe(expected);
  });

  it.each([
    '',
    'now',
    '2026-13-01',
    '2026-11-23 10:00',
    '-5',
    '1e9',
    '1.5',
    '9'.repeat(16),
    'Mon, 23 Nov 2026',
  ])('refuses %s', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });
});
