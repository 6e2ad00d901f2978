import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@kirisan/local-stack';
import { applyTopology } from '@kirisan/messaging';
import { answer, refused, type Trouble } from './testing/fake-telegram.js';
import { TelegramBench, textUpdate } from './testing/telegram-app.js';

// Real: nats-server with the service's own rights, two copies of the whole application. Played: Telegram, over HTTP.
let bench: TelegramBench;
let urls: string[];
let number = 0;
/** A bot of its own for every test. */
let bot: { device: string; id: string; token: string };

beforeAll(async () => {
  bench = await TelegramBench.start();
  urls = [await bench.startApp(), await bench.startApp()].map(({ url }) => url);
}, 60_000);
afterAll(() => bench?.stop());

beforeEach(async () => {
  await (await bench.admin.manager()).streams.purge('EVENTS');
  const id = String(1_000 + ++number);
  bot = { device: `d${number}`, id, token: `${id}:AA-first-token` };
  bench.telegram.addBot(bot.token);
});
afterEach(async () => {
  bench.telegram.trouble = undefined;
  await bench.removeDevice(bot.device);
});

const isStored = (...texts: string[]) =>
  waitFor(async () => JSON.stringify(await bench.stored()) === JSON.stringify(texts), {
    what: texts.join(),
    timeoutMs: 15_000,
  });
const isConfirmed = () =>
  waitFor(() => bench.telegram.updates.get(bot.id)!.length === 0, {
    what: 'the offset moves',
    timeoutMs: 15_000,
  });
const polled = () =>
  waitFor(() => bench.telegram.openPolls(bot.id) > 0, { what: 'a poll', timeoutMs: 15_000 });

describe('polling', () => {
  it('brings updates into the stream once, and confirms them', async () => {
    bench.telegram.push(bot.id, textUpdate('waited before the device was there'));
    await bench.putDevice(bot.device, bot.token);
    await isStored('waited before the device was there');
    await polled();
    bench.telegram.push(bot.id, textUpdate('live'));
    bench.telegram.push(bot.id, { update_id: 900_000, tomorrow: {} });
    await isConfirmed();
    await sleep(300);
    expect(await bench.stored()).toEqual(['waited before the device was there', 'live']);
    const health = await bench.healthBecomes(bot.device, 'ok');
    expect(health.lastSeenAt).toBeGreaterThan(Date.now() - 60_000);
  });

  it('asks for what customers send, and no more', async () => {
    await bench.putDevice(bot.device, bot.token);
    await polled();
    const call = bench.telegram.callsOf('getUpdates').find(({ botToken }) => botToken === bot.token);
    expect(call!.params).toMatchObject({
      timeout: 2,
      allowed_updates: ['message', 'business_message', 'callback_query'],
    });
  });

  it('is done by one copy at a time', async () => {
    bench.telegram.mostAtATime = 0;
    await bench.putDevice(bot.device, bot.token);
    await polled();
    await sleep(5_000);
    expect(bench.telegram.openPolls(bot.id)).toBe(1);
    expect(bench.telegram.mostAtATime).toBe(1);
  });

  it('confirms nothing before it is stored', async () => {
    await bench.putDevice(bot.device, bot.token);
    await polled();
    await (await bench.admin.manager()).streams.delete('EVENTS');
    bench.telegram.push(bot.id, textUpdate('while nothing can be stored'));
    await bench.healthBecomes(bot.device, 'error', /can not be stored/);
    expect(bench.telegram.updates.get(bot.id)).toHaveLength(1);
    await applyTopology(bench.admin, { replicas: 1 });
    await isStored('while nothing can be stored');
    await isConfirmed();
    await bench.healthBecomes(bot.device, 'ok');
  });

  it('goes on after NATS was killed, without losing what came meanwhile', async () => {
    await bench.putDevice(bot.device, bot.token);
    await polled();
    await bench.nats.kill();
    bench.telegram.push(bot.id, textUpdate('while NATS is away'));
    await sleep(500);
    expect(bench.telegram.updates.get(bot.id)).toHaveLength(1);
    await bench.nats.start();
    await waitFor(async () => (await bench.stored()).includes('while NATS is away'), { timeoutMs: 30_000 });
    await waitFor(() => bench.telegram.updates.get(bot.id)!.length === 0, { timeoutMs: 30_000 });
  }, 90_000);
});

describe('a webhook that is in the way', () => {
  it('is removed', async () => {
    bench.telegram.webhooks.set(bot.id, { url: 'https://elsewhere.example.com' });
    bench.telegram.push(bot.id, textUpdate('kept for us'));
    await bench.putDevice(bot.device, bot.token);
    await isStored('kept for us');
    expect(bench.telegram.webhooks.has(bot.id)).toBe(false);
    const [call] = bench.telegram.callsOf('deleteWebhook').filter(({ botToken }) => botToken === bot.token);
    expect(call!.params).toEqual({ drop_pending_updates: false });
  });
});

describe('trouble at Telegram', () => {
  const troubles: [string, RegExp, Trouble][] = [
    [
      'the token is refused',
      /401: Unauthorized/,
      (response) => answer(response, 401, refused(401, 'Unauthorized')),
    ],
    [
      'somebody else polls the bot',
      /409: Conflict: terminated by other getUpdates/,
      (response) => answer(response, 409, refused(409, 'Conflict: terminated by other getUpdates request')),
    ],
    [
      'there is an error at Telegram',
      /502: Bad Gateway/,
      (response) => answer(response, 502, refused(502, 'Bad Gateway')),
    ],
    [
      'a proxy answers instead',
      /503: an answer that is not/,
      (response) => void response.writeHead(503).end('<html>'),
    ],
    [
      'a redirect',
      /302: an answer/,
      (response) => void response.writeHead(302, { Location: '/elsewhere' }).end(),
    ],
    ['the connection is reset', /can not be reached/, (response) => void response.destroy()],
    ['nothing is answered', /can not be reached \(no answer in time\)/, () => undefined],
    [
      'the answer drips',
      /can not be reached \(no answer in time\)/,
      (response) => {
        const drip = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ];

  it.each(troubles)(
    '%s: it waits longer and longer, says so, and recovers',
    async (_, reason, trouble) => {
      bench.telegram.trouble = trouble;
      bench.telegram.push(bot.id, textUpdate('after the trouble'));
      await bench.putDevice(bot.device, bot.token);
      const health = await bench.healthBecomes(bot.device, 'error', reason);
      expect(health.lastError).not.toContain('AA-first-token');
      bench.telegram.trouble = undefined;
      await isStored('after the trouble');
      await bench.healthBecomes(bot.device, 'ok');
    },
    30_000,
  );

  it('is asked again only after the time that Telegram gives', async () => {
    const times: number[] = [];
    bench.telegram.trouble = (response) => {
      times.push(Date.now());
      answer(response, 429, refused(429, 'Too Many Requests: retry after 2', { retry_after: 2 }));
    };
    await bench.putDevice(bot.device, bot.token);
    await waitFor(() => times.length === 2, { timeoutMs: 15_000 });
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(1_950);
    await bench.healthBecomes(bot.device, 'error', /429/);
  });
});

describe('the metrics', () => {
  it('count the bots that do not work, at the copy that looks after them', async () => {
    const failing = async () => {
      const texts = await Promise.all(
        urls.map(async (url) =>
          (
            await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer internal-token-of-tests' } })
          ).text(),
        ),
      );
      return texts.map((text) => Number(/^kirisan_connections_failing (\d+)$/m.exec(text)?.[1])).sort();
    };
    bench.telegram.trouble = (response) => answer(response, 401, refused(401, 'Unauthorized'));
    await bench.putDevice(bot.device, bot.token);
    await bench.healthBecomes(bot.device, 'error');
    expect(await failing()).toEqual([0, 1]);
    bench.telegram.trouble = undefined;
    await bench.healthBecomes(bot.device, 'ok');
    expect(await failing()).toEqual([0, 0]);
  });
});

describe('a device', () => {
  it('whose token is renewed is polled with the new one alone', async () => {
    await bench.putDevice(bot.device, bot.token);
    await polled();
    const renewed = `${bot.id}:AA-second-token`;
    bench.telegram.addBot(renewed);
    await bench.putDevice(bot.device, renewed);
    bench.telegram.push(bot.id, textUpdate('with the new token'));
    await isStored('with the new token');
    const before = bench.telegram.calls.filter(({ botToken }) => botToken === bot.token).length;
    await sleep(2_500);
    expect(bench.telegram.calls.filter(({ botToken }) => botToken === bot.token)).toHaveLength(before);
  });

  it('that is removed is polled no more, at once', async () => {
    await bench.putDevice(bot.device, bot.token);
    await polled();
    await bench.removeDevice(bot.device);
    await waitFor(() => bench.telegram.openPolls(bot.id) === 0, { timeoutMs: 1_000 });
    const before = bench.telegram.callsOf('getUpdates').length;
    await sleep(1_000);
    expect(bench.telegram.callsOf('getUpdates')).toHaveLength(before);
  });
});

describe('a copy of the service', () => {
  it('that is stopped is followed by the other, and hundreds of bots are polled at a time', async () => {
    const bots = Array.from({ length: 150 }, (_, i) => ({
      device: `many${i}`,
      id: String(50_000 + i),
      token: `${50_000 + i}:AA`,
    }));
    for (const { id, token } of bots) {
      bench.telegram.addBot(token);
      bench.telegram.push(id, textUpdate(`many ${id}`));
    }
    const { app } = await bench.startApp();
    await Promise.all(bots.map(({ device, token }) => bench.putDevice(device, token)));
    const all = () => bots.every(({ id }) => bench.telegram.openPolls(id) === 1);
    await waitFor(all, { timeoutMs: 30_000, what: 'every bot is polled' });
    await app.close();
    await waitFor(all, { timeoutMs: 30_000, what: 'every bot is polled by those that are left' });
    const texts = await bench.stored();
    expect(new Set(texts).size).toBe(bots.length);
    await Promise.all(bots.map(({ device }) => bench.removeDevice(device)));
  }, 90_000);
});
