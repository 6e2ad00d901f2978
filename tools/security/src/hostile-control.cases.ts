import { beforeAll, describe, expect, it } from '@jest/globals';
import { sendRaw } from './send-raw.js';
import type { Device, SecurityBed } from './security-bed.js';

interface Said {
  status: number;
  text: string;
}

const HOSTILE: unknown[] = [
  null,
  true,
  -1,
  1e308,
  2 ** 60,
  [],
  {},
  [[]],
  [null],
  [{}],
  { length: 5 },
  { toString: 'x', valueOf: 'x' },
  '',
  ' ',
  'x\0y',
  'a\nb\u001b[31m',
  '\ud800',
  '\u202e\u2066',
  '\ufeff',
  "'; DROP TABLE registry.devices; --",
  "' OR 1=1 --",
  '%%%___\\',
  '$1 ${x} {{x}}',
  '../../etc/passwd',
  'x'.repeat(100_000),
  '😀'.repeat(5_000),
  ['x'.repeat(10_000)],
  Array.from({ length: 3_000 }, () => 'incoming_message'),
  '00000000-0000-0000-0000-000000000000',
  ['00000000-0000-0000-0000-000000000000'],
  'javascript:alert(1)',
  'NaN',
];

const DEVICE_FIELDS = ['channel', 'name', 'number', 'inboundMode', 'credentials'];
const ENDPOINT_FIELDS = ['name', 'url', 'secret', 'events', 'deviceIds'];
const LISTS: Record<string, string[]> = {
  '/devices': ['limit', 'cursor', 'search', 'channel', 'inboundMode'],
  '/endpoints': ['limit', 'cursor', 'search', 'channel', 'status', 'event', 'deviceId'],
};
const LOG_LISTS: Record<string, string[]> = {
  '/deliveries': [
    'device',
    'deviceId',
    'endpointId',
    'eventId',
    'event',
    'status',
    'verdict',
    'channel',
    'production',
    'from',
    'to',
    'limit',
    'cursor',
  ],
  '/events': [
    'device',
    'deviceId',
    'event',
    'channel',
    'sender',
    'reason',
    'matched',
    'production',
    'from',
    'to',
    'limit',
    'cursor',
  ],
  '/stats': ['bucket', 'from', 'to', 'groupBy'],
};

/** The internal APIs hold whatever their callers pass on. */
export function hostileControl(bed: SecurityBed): void {
  describe('a hostile request to an internal API', () => {
    let device: Device;

    beforeAll(async () => {
      device = await bed.device('whatsapp', {}, 'control');
    });

    const ask = async (base: string, path: string, init: RequestInit = {}): Promise<Said> => {
      const authorization = `Bearer ${bed.running.stack.internalToken}`;
      const headers = { authorization, 'content-type': 'application/json', ...init.headers };
      const response = await fetch(`${base}/v1${path}`, { ...init, headers });
      return { status: response.status, text: await response.text() };
    };
    const registry = (path: string, init?: RequestInit) => ask(bed.running.stack.registry, path, init);
    const log = (path: string) => ask(bed.running.stack.logService, path);
    const write = (method: string, path: string, body: unknown) =>
      registry(path, { method, body: typeof body === 'string' ? body : JSON.stringify(body) });

    /** A plain answer: what was asked for, or which field is wrong and why. */
    const isPlain = (what: unknown, { status, text }: Said) => {
      expect([what, status, status < 500]).toEqual([what, status, true]);
      if (status < 400) return;
      expect(JSON.parse(text)).toMatchObject({
        code: expect.any(String),
        message: expect.any(String),
        requestId: expect.any(String),
      });
      expect([what, /\bat \S+ ?\(|node_modules|SyntaxError|SELECT|pg_|violates/.exec(text)]).toEqual([
        what,
        null,
      ]);
      expect(text.length).toBeLessThan(20_000);
    };

    it('is answered plainly, whatever stands in a field', async () => {
      const valid = {
        '/devices': () =>
          ({ channel: 'whatsapp', name: 'x', inboundMode: 'webhook', credentials: {} }) as Record<
            string,
            unknown
          >,
        '/endpoints': () =>
          ({
            name: 'x',
            url: bed.sink.url('/x'),
            events: ['incoming_message'],
            deviceIds: [device.id],
          }) as Record<string, unknown>,
      };
      const { id: endpointId } = await bed.client.create<{ id: string }>('/endpoints', valid['/endpoints']());
      const targets = [
        ['/devices', DEVICE_FIELDS, `/devices/${device.id}`],
        ['/endpoints', ENDPOINT_FIELDS, `/endpoints/${endpointId}`],
      ] as const;
      for (const [path, fields, one] of targets) {
        for (const field of fields) {
          const said = HOSTILE.map(async (value) => {
            const created = await write('POST', path, { ...valid[path](), [field]: value });
            isPlain(['POST', field, value], created);
            if (created.status >= 400) expect(created.text).toMatch(new RegExp(`${field}|channel|\\[`));
            else
              await registry(`${path}/${(JSON.parse(created.text) as { id: string }).id}`, {
                method: 'DELETE',
              });
            isPlain(['PATCH', field, value], await write('PATCH', one, { [field]: value }));
          });
          await Promise.all(said);
        }
      }
      for (const value of HOSTILE) {
        isPlain(
          ['test', value],
          await write('POST', `/endpoints/${endpointId}/test`, { event: value, deviceId: value }),
        );
        isPlain(
          ['credentials', value],
          await write('POST', '/devices', { ...valid['/devices'](), credentials: { apiToken: value } }),
        );
      }
      isPlain('alive', await registry('/devices'));
    }, 90_000);

    it('is refused when it is malformed, names what is unknown, and may be empty where nothing is asked for', async () => {
      for (const path of ['/devices', '/endpoints', `/endpoints/${device.id}/test`]) {
        for (const body of [
          '',
          '{',
          'null',
          '[]',
          '5',
          '"x"',
          '{"__proto__":{"name":"x"}}',
          `{"name":${'['.repeat(90_000)}`,
        ]) {
          const said = await write('POST', path, body);
          expect([path, body.slice(0, 20), said.status]).toEqual([path, body.slice(0, 20), 400]);
          isPlain([path, body], said);
        }
      }
      const unknown = await write('POST', '/devices', { channel: 'whatsapp', name: 'x', isAdmin: true });
      expect(unknown).toMatchObject({ status: 400, text: expect.stringContaining('isAdmin') });
      expect((await write('POST', '/devices', { name: 'x'.repeat(1_200_000) })).status).toBe(413);
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      expect((await registry('/devices', { method: 'POST', headers: form, body: 'name=x' })).status).toBe(
        415,
      );
      const { id } = await bed.device('whatsapp', {}, 'to be removed');
      expect((await registry(`/devices/${id}`, { method: 'DELETE' })).status).toBe(204);
      expect((await registry(`/devices/${id}`, { method: 'DELETE' })).status).toBe(404);
    });

    it('is answered plainly, whatever stands in its query', async () => {
      const values = [
        '',
        '-1',
        '0',
        '1e9',
        '201',
        '99999999999999999999',
        'NaN',
        "'",
        '%00',
        '%ff',
        '%F0%9F%98%80',
        'a%0d%0ab',
        '../..',
        'MS4xLjE',
        'x'.repeat(1_000),
        '%25%5F',
      ];
      const all = [
        ...Object.entries(LISTS).map((list) => [registry, list] as const),
        ...Object.entries(LOG_LISTS).map((list) => [log, list] as const),
      ];
      for (const [get, [path, names]] of all) {
        for (const name of [...names, '__proto__', 'constructor', 'unknown']) {
          const queries = [
            ...values.map((value) => `${name}=${value}`),
            `${name}=a&${name}=b`,
            `${name}[]=x`,
            `${name}[a]=x`,
          ];
          const said = await Promise.all(
            queries.map(async (query) => [`${path}?${query}`, await get(`${path}?${query}`)] as const),
          );
          for (const [what, answer] of said) isPlain(what, answer);
        }
        for (const bad of ['limit=0', 'limit=201', 'limit=x', 'unknown=1', 'cursor=%00']) {
          if (path === '/stats' && !bad.startsWith('unknown')) continue;
          expect([path, bad, (await get(`${path}?${bad}`)).status]).toEqual([path, bad, 400]);
        }
      }
      for (const id of ['x', '%00', "'", '1'.repeat(200), '..%2f..', '%ff', device.id.slice(1)]) {
        for (const [get, path] of [
          [registry, '/devices'],
          [registry, '/endpoints'],
          [log, '/deliveries'],
          [log, '/events'],
        ] as const) {
          const said = await get(`${path}/${id}`);
          expect([path, id, said.status >= 400 && said.status < 500]).toEqual([path, id, true]);
        }
      }
    }, 60_000);

    it('is refused when its URL or its headers are too large', async () => {
      for (const base of [
        bed.running.stack.registry,
        bed.running.stack.logService,
        Object.values(bed.running.stack.ingestors)[0]!,
      ]) {
        const { port } = new URL(base);
        const long = 'a'.repeat(20_000);
        expect(
          await sendRaw(Number(port), `GET /v1/devices?search=${long} HTTP/1.1\r\nhost: x\r\n\r\n`),
        ).toMatch(/^HTTP\/1.1 (414|431) /);
        expect(await sendRaw(Number(port), `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${long}\r\n\r\n`)).toMatch(
          /^HTTP\/1.1 431 /,
        );
        expect(await sendRaw(Number(port), 'GARBAGE\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
        expect(
          await sendRaw(Number(port), 'GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'),
        ).toMatch(/^HTTP\/1.1 200 /);
      }
    });

    it('makes one device of many that are asked for at once with the same credentials', async () => {
      const body = { channel: 'telegram', name: 'race', credentials: { botToken: '8800551155:race' } };
      const said = await Promise.all(Array.from({ length: 20 }, () => write('POST', '/devices', body)));
      expect(said.map(({ status }) => status).sort()).toEqual([
        201,
        ...Array.from({ length: 19 }, () => 409),
      ]);
    });
  });
}
