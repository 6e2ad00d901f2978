import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TelegramApi } from './telegram.api.js';
import { TelegramError } from './telegram.error.js';
import { answer, FakeTelegram, refused, type Trouble } from './testing/fake-telegram.js';

// Real: HTTP over a socket. Played: Telegram.
const telegram = new FakeTelegram();
const TOKEN = '123:PLANTED-TOKEN';

beforeAll(() => telegram.start());
afterAll(() => telegram.stop());
afterEach(() => void (telegram.trouble = undefined));

function call(
  params: Record<string, unknown> = {},
  signal = new AbortController().signal,
  base = telegram.url,
) {
  return new TelegramApi(base).call({ botToken: TOKEN, method: 'getMe', params, timeoutMs: 300, signal });
}

async function failure(trouble: Trouble | undefined, base?: string): Promise<TelegramError> {
  telegram.trouble = trouble;
  const error = await call({ secret_token: 'PLANTED-SECRET' }, undefined, base).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(TelegramError);
  return error as TelegramError;
}

describe('a call of the Bot API', () => {
  it('gives the result, with numbers beyond 2^53 as text', async () => {
    telegram.trouble = (response) => void response.end('{"ok":true,"result":{"id":9007199254740993}}');
    expect(await call()).toEqual({ id: '9007199254740993' });
  });

  it('never follows a redirect, which would show the token to somebody else', async () => {
    let asked = 0;
    telegram.trouble = (response) => (
      asked++,
      void response.writeHead(307, { Location: `${telegram.url}/botx/getMe` }).end()
    );
    await expect(call()).rejects.toThrow(/307/);
    expect(asked).toBe(1);
  });

  it('ends when it is not wanted any more', async () => {
    telegram.trouble = () => undefined;
    const wanted = new AbortController();
    const started = performance.now();
    setTimeout(() => wanted.abort(), 30);
    await expect(call({}, wanted.signal)).rejects.toThrow(TelegramError);
    expect(performance.now() - started).toBeLessThan(250);
    await expect(call({}, AbortSignal.abort())).rejects.toThrow(TelegramError);
  });
});

describe('a failure', () => {
  const said =
    (code: number, parameters?: Record<string, unknown>): Trouble =>
    (response) =>
      answer(response, code, refused(code, `said ${TOKEN} PLANTED-TOKEN PLANTED-SECRET`, parameters));
  const cases: [string, string, Trouble | undefined, string?][] = [
    ['401', 'unauthorised', said(401)],
    ['404', 'unauthorised', said(404)],
    ['409', 'conflict', said(409)],
    ['429', 'throttled', said(429, { retry_after: 3 })],
    ['400', 'refused', said(400)],
    ['500', 'broken', said(500)],
    ['an answer that is no JSON', 'broken', (response) => void response.end('<html>')],
    ['an answer that is something else', 'broken', (response) => answer(response, 200, [1])],
    ['a nest without end', 'broken', (response) => void response.end('['.repeat(100_000))],
    ['silence', 'unreachable', () => undefined],
    ['a reset', 'unreachable', (response) => void response.destroy()],
    ['a port where nobody listens', 'unreachable', undefined, 'http://127.0.0.1:1'],
    ['a name that does not exist', 'unreachable', undefined, 'http://telegram.invalid'],
  ];

  it.each(cases)(
    '%s is "%s", and holds no secret at any depth',
    async (_, kind, trouble, base = telegram.url) => {
      const error = await failure(trouble, base);
      expect(error.failure).toBe(kind);
      const everything = inspect(error, { depth: Infinity, showHidden: true }) + String(error.stack);
      expect(everything).not.toMatch(/PLANTED/);
    },
  );

  it('tells how long Telegram wants us to wait', async () => {
    expect((await failure(said(429, { retry_after: 3 }))).retryAfterMs).toBe(3_000);
    expect((await failure(said(429, { retry_after: -3 }))).retryAfterMs).toBe(0);
  });

  it('with an explanation without end is cut', async () => {
    const error = await failure((response) => answer(response, 400, refused(400, 'x'.repeat(100_000))));
    expect(error.message.length).toBeLessThan(300);
  });
});
