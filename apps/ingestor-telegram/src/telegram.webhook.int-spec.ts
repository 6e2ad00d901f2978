import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@kirisan/local-stack';
import { answer, refused } from './testing/fake-telegram.js';
import { TelegramBench, textUpdate } from './testing/telegram-app.js';

// Real: nats-server with the service's own rights, the whole application on a port. Played: Telegram, over HTTP.
let bench: TelegramBench;
let url: string;

beforeAll(async () => {
  bench = await TelegramBench.start();
  ({ url } = await bench.startApp({ PUBLIC_URL: 'https://hooks.example.com/' }));
}, 60_000);
afterAll(() => bench?.stop());

const registered = (bot: string) =>
  waitFor(() => bench.telegram.webhooks.get(bot), { what: `webhook of ${bot}` });

const post = (key: string, body: unknown, secret?: string) =>
  fetch(`${url}/webhooks/telegram/${key}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(secret && { 'x-telegram-bot-api-secret-token': secret }),
    },
    body: JSON.stringify(body),
  });

describe('with a public URL', () => {
  it('the webhook of every bot is registered with its own URL and secret, and nobody polls', async () => {
    bench.telegram.addBot('1:AA');
    await bench.putDevice('d1', '1:AA', 'secret-of-1');
    expect(await registered('1')).toEqual({
      url: 'https://hooks.example.com/webhooks/telegram/key-d1',
      secret_token: 'secret-of-1',
      allowed_updates: ['message', 'business_message', 'callback_query'],
      max_connections: 40,
      drop_pending_updates: false,
    });
    await bench.healthBecomes('d1', 'ok');
    expect(bench.telegram.callsOf('getUpdates')).toEqual([]);
  });

  it('updates are taken at that URL, with that secret alone', async () => {
    expect((await post('key-d1', textUpdate('no secret'))).status).toBe(401);
    expect((await post('key-d1', textUpdate('wrong secret'), 'secret-of-2')).status).toBe(403);
    expect((await post('key-d9', textUpdate('wrong key'), 'secret-of-1')).status).toBe(404);
    expect((await post('key-d1', { text: 'no update' }, 'secret-of-1')).status).toBe(400);
    expect((await post('key-d1', { update_id: 1, tomorrow: {} }, 'secret-of-1')).status).toBe(200);
    expect((await post('key-d1', textUpdate('genuine'), 'secret-of-1')).status).toBe(200);
    expect(await bench.stored()).toEqual(['genuine']);
  });

  it('a changed secret and a webhook that somebody took away are registered anew', async () => {
    await bench.putDevice('d1', '1:AA', 'another-secret');
    await waitFor(() => bench.telegram.webhooks.get('1')?.secret_token === 'another-secret');
    bench.telegram.webhooks.set('1', { url: 'https://elsewhere.example.com' });
    await waitFor(() => bench.telegram.webhooks.get('1')?.secret_token === 'another-secret');
  });

  it('what Telegram can not deliver is shown as the health of the device', async () => {
    const last_error_date = Math.floor(Date.now() / 1_000);
    bench.telegram.webhookInfo = {
      pending_update_count: 3,
      last_error_date,
      last_error_message: 'Connection refused',
    };
    await bench.healthBecomes('d1', 'error', /can not deliver to our URL: Connection refused/);
    bench.telegram.webhookInfo = {
      pending_update_count: 0,
      last_error_date,
      last_error_message: 'Connection refused',
    };
    await bench.healthBecomes('d1', 'ok');
  });

  it('a refusal is shown without the secrets of the call, and tried again', async () => {
    bench.telegram.addBot('2:AA-token');
    bench.telegram.trouble = (response, { botToken, params }) =>
      answer(
        response,
        400,
        refused(400, `Bad Request: ${botToken} ${String(params.secret_token)} bad webhook`),
      );
    await bench.putDevice('d2', '2:AA-token', 'secret-of-2');
    const { lastError } = await bench.healthBecomes('d2', 'error', /bad webhook/);
    expect(lastError).not.toMatch(/AA-token|secret-of-2/);
    bench.telegram.trouble = undefined;
    await registered('2');
    await bench.healthBecomes('d2', 'ok');
  });
});
