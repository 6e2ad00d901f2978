import { expect, it } from '@jest/globals';
import { neutralText } from './neutral-text.js';

it('writes what would move a cursor, hide or turn text as an escape', () => {
  const hostile = `a\u001b[2J\r\n\u0000\u009b\u202eb\u2028\ufeff${String.fromCharCode(0xd800)}`;
  expect(neutralText(hostile)).toBe('a\\u001b[2J\\u000d\\u000a\\u0000\\u009b\\u202eb\\u2028\\ufeff\\ud800');
});

it('leaves everything else as it is', () => {
  expect(neutralText('{"text":"halo é 你好 😀 \\u0000"}')).toBe('{"text":"halo é 你好 😀 \\u0000"}');
});
