import { describe, expect, it } from '@jest/globals';
import { withoutSecret } from './mask-secret.js';

const SECRET = `p"l/a'n t&<é>ed`;

describe('an answer that holds the signing secret', () => {
  it.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify({ header: SECRET })],
    ['in JSON as PHP writes it', JSON.stringify([SECRET]).replaceAll('/', '\\/')],
    ['in JSON as Python writes it', JSON.stringify([SECRET]).replace('é', '\\u00e9')],
    ['in a URL', encodeURIComponent(SECRET)],
    ['in a form', `a=${encodeURIComponent(SECRET).replaceAll('%20', '+')}`],
    ['in HTML', 'p&quot;l/a&#39;n t&amp;&lt;é&gt;ed'],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['more than once', `${SECRET} ${SECRET}`],
  ])('is kept without it: %s', (_how, text) => {
    const { responseBody } = withoutSecret({ responseBody: `before ${text} after` }, SECRET);
    expect(responseBody).toMatch(/^before .*\*{8}.* after$/s);
    expect(responseBody).not.toMatch(/l\\?\/a|n.t|%2Fa|ed/);
  });

  it('is kept without it in headers', () => {
    const responseHeaders = { 'x-echo': `got ${SECRET}`, 'set-cookie': ['a', SECRET] };
    expect(withoutSecret({ responseHeaders }, SECRET)).toEqual({
      responseHeaders: { 'x-echo': 'got ********', 'set-cookie': ['a', '********'] },
      responseBody: undefined,
    });
  });

  it('is kept without the beginning of it that a cut leaves', () => {
    const cut = (responseBody: string, responseTruncated = true) =>
      withoutSecret({ responseBody, responseTruncated }, 'planted-secret').responseBody;
    expect(cut('the planted-secre')).toBe('the ********');
    expect(cut('the plan')).toBe('the ********');
    expect(cut('the pl')).toBe('the pl');
    expect(cut('the planted-secre', false)).toBe('the planted-secre');
  });
});

it('leaves every other answer as it is', () => {
  const response = { responseHeaders: { a: 'b' }, responseBody: '{"$&":"abc"}' };
  expect(withoutSecret(response, undefined)).toEqual(response);
  expect(withoutSecret(response, 'abc')).toEqual(response);
  expect(withoutSecret(response, 'other-secret')).toEqual(response);
  expect(withoutSecret({}, 'other-secret')).toEqual({});
});
