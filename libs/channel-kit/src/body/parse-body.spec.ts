import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MalformedRequestError, UnsupportedMediaError } from '../errors.js';
import { parseBody } from './parse-body.js';
import { MAX_JSON_DEPTH, parseJson } from './parse-json.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const json = (text: string) => parseJson(bytes(text));

describe('parseJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        const longNumber = /(?<![\d"])-?\d{16,}|\de\+/.test(text);
        fc.pre(!longNumber);
        expect(json(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('keeps integers beyond 2^53 as the digits that came', () => {
    expect(
      json('{"a":9007199254740993,"b":[-123456789012345678901],"c":9007199254740991,"d":"9007199254740993"}'),
    ).toEqual({
      a: '9007199254740993',
      b: ['-123456789012345678901'],
      c: 9007199254740991,
      d: '9007199254740993',
    });
  });

  it('keeps numbers beyond every double as text, since they would become null', () => {
    expect(json('{"a":1e400,"b":1e3}')).toEqual({ a: '1e400', b: 1000 });
  });

  it('leaves digits inside strings alone, whatever escapes surround them', () => {
    const text = '{"a":"x\\\\","b":"\\",12345678901234567890","c":12345678901234567890}';
    expect(json(text)).toEqual({ a: 'x\\', b: '",12345678901234567890', c: '12345678901234567890' });
  });

  it('does not make valid what is not JSON', () => {
    for (const text of ['{12345678901234567890:1}', '12345678901234567890x', '{"a":00000000000000000001}']) {
      expect(() => json(text)).toThrow(MalformedRequestError);
    }
  });

  it('takes __proto__ for a key and the last of equal keys', () => {
    const value = json('{"__proto__":{"polluted":true},"a":1,"a":2}') as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['__proto__', 'a']);
    expect(value['a']).toBe(2);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('refuses nesting that could not be serialised, at once', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(json(nested(MAX_JSON_DEPTH))).toEqual(expect.any(Array));
    expect(() => json(nested(MAX_JSON_DEPTH + 1))).toThrow(`nested deeper than ${MAX_JSON_DEPTH}`);
    expect(() => json('{"a":'.repeat(300_000))).toThrow(MalformedRequestError);
  });

  it('keeps NUL and lone surrogates', () => {
    expect(JSON.stringify(json('{"a":"\\u0000\\ud800"}'))).toBe('{"a":"\\u0000\\ud800"}');
  });

  it('refuses bytes that are not UTF-8, and drops a byte order mark', () => {
    expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('body: is not UTF-8');
    expect(json('\ufeff{"a":1}')).toEqual({ a: 1 });
  });

  it('names an empty body, and never quotes the body in an error', () => {
    expect(() => json('')).toThrow('body: is empty');
    expect(() => json('{"secret":"hunter2",}')).toThrow(/^body: is not JSON$/);
  });

  it('is quick on hostile strings', () => {
    const started = performance.now();
    json(JSON.stringify({ a: '\\"'.repeat(400_000), b: '1'.repeat(1_000_000) }));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe('parseBody', () => {
  const form = 'application/x-www-form-urlencoded';
  const parse = (type: string | undefined, text: string) => parseBody(type, bytes(text), 'json-and-forms');

  it('reads a form: every value a string, lists by name', () => {
    expect(parse(form, 'message=50%25+%2B+a%3Db%26c+%F0%9F%98%8A&no=&c[]=x&c[]=y&d%5B1%5D=z&no=2')).toEqual({
      message: '50% + a=b&c 😊',
      no: '2',
      c: ['x', 'y'],
      d: ['z'],
    });
  });

  it('takes a lone percent sign for itself and refuses an escape that is not UTF-8', () => {
    expect(parse(form, 'message=50%')).toEqual({ message: '50%' });
    expect(() => parse(form, 'message=%ff')).toThrow('percent escape is not UTF-8');
    expect(parse(form, 'message=%EF%BF%BD')).toEqual({ message: '\ufffd' });
  });

  it('keeps __proto__ harmless in a form', () => {
    const value = parse(form, '__proto__=x&__proto__[]=y') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('reads JSON that is labelled as a form or not at all', () => {
    expect(parse(form, ' {"a":1}')).toEqual({ a: 1 });
    expect(parse(undefined, '{"a":1}')).toEqual({ a: 1 });
    expect(parse(undefined, 'a=1')).toEqual({ a: '1' });
    expect(parse('Application/JSON; charset=utf-8', '{"a":1}')).toEqual({ a: 1 });
  });

  it('reads a multipart form without its files', () => {
    const body = [
      '--XX',
      'Content-Disposition: form-data; name="message"',
      '',
      'two\r\nlines --XX inside 😊',
      '--XX',
      'content-disposition: form-data; name="file"; filename="a.jpg"',
      'Content-Type: image/jpeg',
      '',
      'bytes',
      '--XX--',
      '',
    ].join('\r\n');
    expect(parse('multipart/form-data; boundary="XX"', body)).toEqual({
      message: 'two\r\nlines --XX inside 😊',
    });
    expect(() => parse('multipart/form-data; boundary=XX', body.slice(0, -6))).toThrow('without its end');
    expect(() => parse('multipart/form-data', body)).toThrow('without a boundary');
  });

  it('refuses other content types, and forms where the provider sends none', () => {
    expect(() => parse('text/xml', '<a/>')).toThrow(UnsupportedMediaError);
    expect(() => parseBody(form, bytes('a=1'), 'json')).toThrow(UnsupportedMediaError);
    expect(() => parseBody('text/plain', bytes('{}'), 'json')).toThrow(UnsupportedMediaError);
  });

  it('throws nothing but its own errors, whatever comes', () => {
    const types = fc.constantFrom(
      undefined,
      form,
      'application/json',
      'multipart/form-data; boundary=a',
      'x/y',
    );
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 200 }), (type, body) => {
        try {
          parseBody(type, body, 'json-and-forms');
        } catch (error) {
          expect([MalformedRequestError, UnsupportedMediaError]).toContain((error as Error).constructor);
        }
      }),
    );
  });
});
