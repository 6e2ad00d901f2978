import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { fonnteText, metaCall, metaText, telegramText } from '@kirisan/e2e';
import { waitFor } from '@kirisan/local-stack';
import type { Device, Endpoint, SecurityBed } from './security-bed.js';

const META = { phoneNumberId: '106000772', appSecret: 'app-secret-of-hostile-bodies' };
const TOKEN = 'secret-token-of-hostile-bodies';
const JSON_TYPE = 'application/json';

type Bytes = string | Uint8Array<ArrayBuffer>;
interface Row {
  id: string;
  eventId: string;
  matchId: string;
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
/** Never an event of any channel, and each with what it is answered with. */
const MALFORMED: [string, number[], Bytes, string?][] = [
  ['nothing', [400], ''],
  ['blanks', [400], ' \n '],
  ['half of JSON', [400], '{"a":'],
  ['a number', [400], '5'],
  ['null', [400], 'null'],
  ['a text', [400], '"text"'],
  ['an array', [400], '[{"sender":"1","message":"x","update_id":1}]'],
  ['deep arrays', [400], `{"a":${nested(100_000)}}`],
  ['deep objects', [400], `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
  ['what is not UTF-8', [400], Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
  ['UTF-16', [400], Buffer.from('\ufeff{"a":1}', 'utf16le')],
  ['NUL bytes', [400], '\0\0\0\0'],
  ['a raw NUL in a string', [400], '{"a":"\0"}'],
  ['more than 3 MB', [413], `{"a":"${'x'.repeat(3_200_000)}"}`],
  ['XML', [415], '<a/>', 'application/xml'],
  ['a text type', [415], '{}', 'text/plain'],
  ['a type of nonsense', [415], '{}', `a/${'b'.repeat(500)}`],
  [
    'only prototypes',
    [400],
    '{"__proto__":{"update_id":1,"object":"x","sender":"1"},"constructor":{"prototype":{}}}',
  ],
];

/** JSON as texts, so that what no serialiser writes can be sent: each is a message of its own, and stays as it is. */
const TEXTS: [string, string][] = [
  ['NUL', String.raw`"a\u0000b"`],
  ['lone surrogates', String.raw`"\ud800 x \udc00"`],
  ['control and direction characters', String.raw`"\u001b[31m\r\n\u2028\u202e\u009b"`],
  ['SQL', String.raw`"'); DROP TABLE deliveries; --"`],
  ['templates', '"$' + String.raw`{jndi:ldap://x} {{7*7}} <script>\\"`],
  ['a long text', `"${'😀'.repeat(60_000)}"`],
  ['an empty text', '""'],
  ['a number beyond 2^53', '12345678901234567890123'],
  ['an object with prototypes', '{"__proto__":{"body":"x"},"constructor":{"prototype":{"y":1}}}'],
  ['60 levels', nested(50)],
];

/** Bodies that providers never send, at every ingestor. */
export function hostileBodies(bed: SecurityBed): void {
  describe('a hostile body', () => {
    let lines: Record<'whatsapp' | 'telegram' | 'waba', Device>;
    let endpoint: Endpoint;

    beforeAll(async () => {
      lines = {
        whatsapp: await bed.device('whatsapp'),
        telegram: await bed.device('telegram', { botToken: '8800551144:hostile', secretToken: TOKEN }),
        waba: await bed.device('waba', { ...META, verifyToken: 'v' }),
      };
      endpoint = await bed.endpoint('/hostile', Object.values(lines));
    });

    const send = async (device: Device, body: Bytes, type = JSON_TYPE) => {
      const signature = createHmac('sha256', META.appSecret).update(body).digest('hex');
      const response = await fetch(device.ingestUrl, {
        method: 'POST',
        headers: {
          'content-type': type,
          'x-telegram-bot-api-secret-token': TOKEN,
          'x-hub-signature-256': `sha256=${signature}`,
        },
        body,
      });
      return { status: response.status, text: await response.text() };
    };
    const rows = () => bed.client.all<Row>(`/deliveries?endpointId=${endpoint.id}&production=true`);
    const arrivals = () => bed.live('/hostile');
    /** Waits until so many more have arrived than there were. */
    const arrive = async (before: number, count: number) => {
      await waitFor(() => arrivals().length >= before + count, { what: `${count} POSTs` });
      await waitFor(async () => (await rows()).length >= before + count, { what: `${count} rows` });
      return arrivals().slice(before);
    };

    it('is refused with a reason where it is malformed, and moves nothing', async () => {
      const before = (await bed.client.all('/events')).length;
      for (const [channel, device] of Object.entries(lines)) {
        for (const [what, statuses, body, type] of MALFORMED) {
          const { status, text } = await send(device, body, type);
          expect([channel, what, status]).toEqual([
            channel,
            what,
            statuses.includes(status) ? status : statuses[0],
          ]);
          expect(Object.keys(JSON.parse(text) as object).sort()).toEqual(['code', 'message', 'requestId']);
          expect(text).not.toMatch(/\bat \S+:\d+|node_modules|SyntaxError/);
        }
      }
      expect((await bed.client.all('/events')).length).toBe(before);
    }, 60_000);

    it('is delivered and kept unchanged where it is a message', async () => {
      const before = arrivals().length;
      const raw = (body: string, mark: string, value: string) => body.replace(`"${mark}"`, () => value);
      for (const [i, [what, value]] of TEXTS.entries()) {
        const bodies = {
          whatsapp: raw(fonnteText(7_100 + i, 'MARK', { pesan: '' }).body, 'MARK', value),
          telegram: raw(telegramText(7_100 + i, 'MARK', TOKEN).body, 'MARK', value),
          waba: raw(metaText(META, [`wamid.hostile${i}`], 'MARK').body, 'MARK', value),
        };
        for (const [channel, body] of Object.entries(bodies)) {
          const { status } = await send(lines[channel as keyof typeof lines], body);
          expect([channel, what, status]).toEqual([channel, what, 200]);
        }
      }
      const arrived = await arrive(before, TEXTS.length * 3);
      const texts = arrived.map(
        ({ text }) => (JSON.parse(text) as { message: { text: string } }).message.text,
      );
      for (const [, value] of TEXTS.slice(0, 6)) {
        expect(texts.filter((text) => text === JSON.parse(value))).toHaveLength(3);
      }
      expect(texts).toContain('12345678901234567890123');
      await keptAsSent(bed, await rows(), arrived);
    }, 60_000);

    it('takes the last of two equal names, and numbers of any length as they are written', async () => {
      const before = arrivals().length;
      const number = '99999999999999999999';
      const { body } = telegramText(7_300, 'first', TOKEN);
      const twice = body
        .replace('"text":"first"', `"text":"first","text":"last"`)
        .replaceAll('5550001', number);
      expect((await send(lines.telegram, twice)).status).toBe(200);
      const [arrived] = await arrive(before, 1);
      expect(JSON.parse(arrived!.text)).toMatchObject({
        sender: { sender: number },
        message: { text: 'last' },
      });
    });

    it('costs none of its neighbours in one POST of Meta', async () => {
      const before = arrivals().length;
      const text = (id: unknown, body: unknown, extra = {}) => ({
        from: '628220000003',
        id,
        timestamp: '1790000000',
        type: 'text',
        text: { body },
        ...extra,
      });
      const good = Array.from({ length: 50 }, (_, i) => text(`wamid.good${i}`, `good ${i}`));
      const bad = [
        text('wamid.bad0', 'a\0b\ud800', { from: '62\0\ud800', timestamp: '99999999999999999999' }),
        text('wamid.bad1', 'z'.repeat(700_000)),
        text({ deep: [[[[[[[[]]]]]]]] }, ['x'], { type: '__proto__', timestamp: -1 }),
        text('w'.repeat(100_000), null, { from: { a: 1 }, type: 'constructor' }),
      ];
      const messages = [...good.slice(0, 25), ...bad, null, 5, 'x', [], ...good.slice(25)];
      const call = metaCall(META, { contacts: [null, 7, { wa_id: {} }], messages });
      expect(await send(lines.waba, call.body)).toMatchObject({ status: 200 });
      const arrived = await arrive(before, 53);
      const texts = arrived.map(
        ({ text }) => (JSON.parse(text) as { message: { text: string } }).message.text,
      );
      expect(
        good.map((message) => message.text.body).filter((body) => !texts.includes(body as string)),
      ).toEqual([]);
      expect(texts).toContain('a\0b\ud800');
      const reasons = async () =>
        (await bed.client.all<{ reason: string }>('/events?reason=too_large')).length;
      await waitFor(async () => (await reasons()) === 1, { what: 'the event that is too large' });
      await keptAsSent(bed, await rows(), arrived);
    }, 60_000);

    it('is refused when one source asks too often, and nobody else is', async () => {
      const flood = await Promise.all(
        Array.from({ length: 400 }, () => send(lines.whatsapp, '{"device":"1","status":"connect"}')),
      );
      expect(new Set(flood.map(({ status }) => status))).toEqual(new Set([200, 429]));
      expect((await send(lines.telegram, '{"update_id":1}')).status).toBe(200);
    });
  });
}

/** The body that arrived, the body in the log's row and the payload of the event are the same, byte for byte. */
async function keptAsSent(
  bed: SecurityBed,
  rows: Row[],
  arrived: { headers: object; text: string }[],
): Promise<void> {
  for (const { headers, text } of arrived) {
    const matchId = (headers as Record<string, string>)['webhook-id'];
    const row = rows.find((candidate) => candidate.matchId === matchId);
    const { body: delivery } = await bed.client.log<{ request: { body: string } }>(`/deliveries/${row!.id}`);
    const { body: event } = await bed.client.log<{ payload: string }>(`/events/${row!.eventId}`);
    expect(delivery.request.body).toBe(text);
    expect(typeof event.payload === 'string' ? event.payload : JSON.stringify(event.payload)).toBe(text);
  }
}
