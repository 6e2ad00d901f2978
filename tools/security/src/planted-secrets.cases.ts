import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { callIngestor, fonnteText, metaText, telegramText } from '@kirisan/e2e';
import { waitFor } from '@kirisan/local-stack';
import type { Messaging } from '@kirisan/messaging';
import {
  connectAsAdmin,
  databaseDump,
  everyAnswer,
  logFiles,
  streamsDump,
  wireTap,
} from './everything-kept.js';
import { found, plant } from './plants.js';
import type { Device, SecurityBed } from './security-bed.js';

const PLANTED = {
  signing: plant('SIGNING'),
  signingInQuotes: `${plant('QUOTED')}"\\/é x`,
  webhookSecret: plant('WEBHOOK'),
  apiToken: plant('API'),
  botToken: `8800551122:${plant('BOT')}`,
  otherBotToken: `8800551133:${plant('OTHERBOT')}`,
  secretToken: plant('SECRETTOKEN'),
  appSecret: plant('APPSECRET'),
  verifyToken: plant('VERIFY'),
  accessToken: plant('ACCESS'),
};
const PHONE_NUMBER_ID = '106000771';
/** No secret: shows that a place was really searched. */
const MARK = plant('MARK');

/** Secrets planted everywhere, traffic that succeeds and fails, and then a look at all that was kept of it. */
export function plantedSecrets(bed: SecurityBed): void {
  describe('a planted secret', () => {
    let secrets: Record<string, string>;
    let tap: Messaging;
    let tapped: string[];
    let devices: Device[];
    const answers: string[] = [];

    beforeAll(async () => {
      tap = await connectAsAdmin(bed.running);
      tapped = wireTap(tap);
      secrets = {
        ...PLANTED,
        ...Object.fromEntries(bed.madeSecrets().map((secret, i) => [`made ${i}`, secret])),
      };
      // Keys stand as id:base64.
      secrets['first key'] = bed.firstKey.split(':')[1]!;
      devices = await connectDevices(bed);
      answers.push(...(await traffic(bed, devices)));
    }, 60_000);

    afterAll(() => tap?.close());

    const clean = (place: string, text: string) => {
      expect([place, text.includes(MARK)]).toEqual([place, true]);
      expect([place, found(text, secrets)]).toEqual([place, []]);
    };

    it('does reach the endpoint, and nothing else of what is searched here is empty', () => {
      const carried = bed.live('/echo').map(({ headers }) => headers['x-webhook-secret']);
      expect(carried).toEqual([PLANTED.signing, PLANTED.signing, PLANTED.signing]);
      expect(found(JSON.stringify(bed.sink.arrivals), secrets)).toContain('signing');
    });

    it('is in no log', () => {
      const logs = logFiles(bed.dir);
      for (const server of ['postgres', 'nats']) logs[server] = bed.running.logs(server);
      for (const [name, text] of Object.entries(logs))
        expect([name, found(text, secrets)]).toEqual([name, []]);
      expect(logs['ingestor-telegram.log']).toMatch(/Telegram can not be reached/);
    });

    it('never travelled on NATS, and lies in no stream and no bucket', async () => {
      clean('the wire', tapped.join('\n'));
      const admin = await connectAsAdmin(bed.running);
      const kept = await streamsDump(admin);
      await admin.close();
      expect(kept).toMatch(/^KV_credentials /m);
      clean('streams and buckets', kept);
    });

    it('is in no table', async () => {
      const dump = await databaseDump(bed.running.stack.databaseUrl);
      expect(dump).toMatch(/^registry\.devices? /m);
      clean('the database', dump);
    });

    it('is in no answer', async () => {
      const { registry, logService, internalToken } = bed.running.stack;
      clean('tests and errors', answers.join('\n'));
      clean('registry', (await everyAnswer(registry, internalToken)).join('\n'));
      clean('log-service', (await everyAnswer(logService, internalToken)).join('\n'));
      expect((await everyAnswer(registry, 'wrong')).slice(1, 4).join()).toMatch(/ 401 /);
    });

    it('is masked in the row of an answer that echoes it', async () => {
      const rows = await bed.client.all<{ id: string; endpointName: string }>('/deliveries');
      const echoed = rows.filter(({ endpointName }) => endpointName?.startsWith('/echo'));
      const bodies = [];
      for (const { id } of echoed) {
        const { body } = await bed.client.log<{ response: { body: string; headers: object } }>(
          `/deliveries/${id}`,
        );
        if (!body.response.body.includes(MARK)) continue;
        bodies.push(body.response.body);
        expect(body.response.body).toContain('"x-webhook-secret":"********"');
        expect(body.response.headers).toMatchObject({ 'x-echo': '********', 'set-cookie': 's=********' });
      }
      expect(bodies.length).toBeGreaterThanOrEqual(6);
    });
  });
}

async function connectDevices(bed: SecurityBed): Promise<Device[]> {
  const {
    webhookSecret,
    apiToken,
    botToken,
    otherBotToken,
    secretToken,
    appSecret,
    verifyToken,
    accessToken,
  } = PLANTED;
  const described = (token: string) =>
    JSON.stringify({ ok: false, error_code: 401, description: `no /bot${token}/getUpdates ${MARK}` });
  bed.telegram.set(otherBotToken, described(otherBotToken));
  return Promise.all([
    bed.device('whatsapp', { webhookSecret, apiToken }, `fonnte ${MARK}`),
    bed.device('telegram', { botToken, secretToken }, `bot ${MARK}`),
    bed.device('waba', { phoneNumberId: PHONE_NUMBER_ID, appSecret, verifyToken, accessToken }),
    bed.device('telegram', { botToken: otherBotToken }),
  ]);
}

/** Answers with everything that it was sent. */
function echo(bed: SecurityBed, path: string, status: number): void {
  bed.sink.on(path, ({ headers }, response) => {
    const secret = Buffer.from(String(headers['x-webhook-secret']), 'latin1');
    response.writeHead(status, {
      'x-echo': secret.toString('latin1'),
      'set-cookie': [`s=${encodeURIComponent(secret.toString('latin1'))}`],
    });
    response.end(JSON.stringify({ mark: MARK, headers, basic: secret.toString('base64') }));
  });
}

/** Every kind of success and failure; resolves with what the control API and the ingestors answered. */
async function traffic(bed: SecurityBed, devices: Device[]): Promise<string[]> {
  const [fonnte, bot, meta] = devices as [Device, Device, Device];
  echo(bed, '/echo', 200);
  echo(bed, '/echo-quoted', 200);
  const endpoints = [
    await bed.endpoint('/echo', [fonnte, bot, meta], PLANTED.signing),
    await bed.endpoint('/echo-quoted', [meta], PLANTED.signingInQuotes),
    await bed.endpoint('/echo-later', [bot], PLANTED.signing),
  ];
  echo(bed, '/echo-later', 500);
  const answers = await Promise.all(
    endpoints.map((endpoint) => bed.test(endpoint, bot).then((a) => JSON.stringify(a))),
  );
  answers.push(JSON.stringify(await bed.test(endpoints[1]!, meta)), ...(await badRequests(bed, devices)));
  const secret = PLANTED.webhookSecret;
  await callIngestor(fonnte.ingestUrl, fonnteText(71, MARK, { secret }));
  await waitFor(() => bed.live('/echo').length === 1, { what: 'the live delivery' });
  const line = { phoneNumberId: PHONE_NUMBER_ID, appSecret: PLANTED.appSecret };
  await callIngestor(meta.ingestUrl, metaText(line, ['wamid.planted'], MARK));
  await callIngestor(bot.ingestUrl, telegramText(72, MARK, PLANTED.secretToken));
  await waitFor(
    async () =>
      (await bed.client.all(`/deliveries?endpointId=${endpoints[2]!.id}&production=true&status=failed`))
        .length === 1,
    { what: 'the failed live delivery' },
  );
  return answers;
}

/** What strangers and careless providers send: secrets in the wrong place, wrong ones, malformed bodies. */
async function badRequests(bed: SecurityBed, devices: Device[]): Promise<string[]> {
  const [fonnte, bot, meta] = devices as [Device, Device, Device];
  const { webhookSecret, secretToken, verifyToken, appSecret, apiToken, botToken } = PLANTED;
  const json = { 'content-type': 'application/json' };
  const telegram = { ...json, 'x-telegram-bot-api-secret-token': secretToken };
  const handshake = `?hub.mode=subscribe&hub.challenge=1&hub.verify_token=${verifyToken}`;
  const line = { phoneNumberId: PHONE_NUMBER_ID, appSecret: `${appSecret}x` };
  const requests: [string, RequestInit][] = [
    [fonnte.ingestUrl, { method: 'POST', headers: json, body: `{"secret":"${webhookSecret}","sender":` }],
    [
      fonnte.ingestUrl,
      { method: 'POST', headers: json, body: JSON.stringify({ secret: `${webhookSecret}x`, sender: '1' }) },
    ],
    [fonnte.ingestUrl, { method: 'POST', headers: { 'content-type': webhookSecret }, body: 'x' }],
    [`${fonnte.ingestUrl}?secret=${webhookSecret}`, { method: 'PUT', body: 'x' }],
    [bot.ingestUrl, { method: 'POST', headers: telegram, body: '{"update_id":' }],
    [
      bot.ingestUrl,
      {
        method: 'POST',
        headers: { ...telegram, 'x-telegram-bot-api-secret-token': `${secretToken}x` },
        body: '{}',
      },
    ],
    [meta.ingestUrl + handshake, {}],
    [`${meta.ingestUrl}${handshake}x`, {}],
    [meta.ingestUrl, { method: 'POST', ...metaText(line, ['wamid.forged'], 'x') }],
  ];
  const answers = requests.map(async ([url, init]) => {
    const response = await fetch(url, init);
    return `${MARK} ${response.status} ${await response.text()}`;
  });
  const refusals = [
    bed.client.registry('POST', '/devices', {
      channel: 'telegram',
      name: 'x',
      credentials: { botToken: `x${botToken}` },
    }),
    bed.client.registry('POST', '/devices', {
      channel: 'telegram',
      name: 'second',
      credentials: { botToken },
    }),
    bed.client.registry('POST', '/devices', {
      channel: 'whatsapp',
      name: 'second',
      credentials: { apiToken },
    }),
    bed.client.registry('POST', '/devices', {
      channel: 'whatsapp',
      name: 'x',
      credentials: { unknown: apiToken },
    }),
    bed.client.registry('POST', '/endpoints', {
      name: 'x',
      url: 'x',
      secret: `${PLANTED.signing}\n`,
      events: [],
      deviceIds: [],
    }),
  ].map(async (answer) => JSON.stringify(await answer));
  return Promise.all([...answers, ...refusals]);
}
