import { beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@kirisan/local-stack';
import type { Device, SecurityBed } from './security-bed.js';

const REFUSED = [
  'http://169.254.169.254/latest/meta-data/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://169.254.43518/',
  'http://169。254。169。254/',
  'http://①⑥⑨.254.169.254/',
  'http://169.254.169.254./',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[::a9fe:a9fe]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[64:ff9b:1::a9fe:a9fe]/',
  'http://[2002:a9fe:a9fe::]/',
  'http://[2001:0:a9fe:a9fe::5601:5601]/',
  'http://[fe80::5efe:a9fe:a9fe]/',
  'http://[fd00:ec2::254]/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://metadata.google.internal/',
  'http://metadata/',
  'http://0.0.0.0/',
  'http://[::]/',
  'http://[::1]/',
  'http://127.0.0.2/',
  'http://127.1.1/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://[fc00::1]/',
  'http://[fe80::1]/',
  'http://[fe80::1%25eth0]/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://printer.local/',
  'http://user:pass@example.com/',
  'http://user@example.com/',
  'http://@example.com/',
  'http://127.0.0.1:0/',
  'http://127.0.0.1:65536/',
  'http://127.0.0.1:-1/',
  'http:\\\\127.0.0.1/',
  'http:///127.0.0.1',
  '//127.0.0.1/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://example.com/',
  'http://exa mple.com/',
  'http://example.com/\n',
  'http://exa\tmple.com/',
  'javascript:alert(1)',
];
/** Neither what an address is, nor which are allowed, is a stranger's business. */
const INTERNAL = /\b(127|10|169|172|192)\.\d|loopback|link-local|private|metadata|::|allow-?list/i;

/** Endpoint URLs that lead where the operator did not allow. */
export function targetGuard(bed: SecurityBed): void {
  describe('the target guard', () => {
    let device: Device;
    beforeAll(async () => {
      device = await bed.device('whatsapp', {}, 'guard');
    });

    const body = (url: string) => ({ name: 'x', url, events: ['incoming_message'], deviceIds: [device.id] });

    it('refuses to save what leads inside, in every spelling, and tells nothing of the inside', async () => {
      const { id } = await bed.client.create<{ id: string }>('/endpoints', body(bed.sink.url('/guard')));
      for (const url of REFUSED) {
        const said = [
          await bed.client.registry<{ message: string }>('POST', '/endpoints', body(url)),
          await bed.client.registry<{ message: string }>('PATCH', `/endpoints/${id}`, { url }),
        ];
        for (const { status, body } of said) {
          expect([url, status, body.message]).toEqual([url, 400, expect.stringMatching(/^url: /)]);
          expect([url, INTERNAL.exec(body.message)]).toEqual([url, null]);
        }
      }
      expect((await bed.client.registry<{ url: string }>('GET', `/endpoints/${id}`)).body.url).toBe(
        bed.sink.url('/guard'),
      );
    }, 30_000);

    it('refuses to dial a name that leads inside, and the row says so without telling where', async () => {
      // Loopback by definition; of that address this stack allows one port.
      const url = `http://hooks.localhost:${bed.closedPort}/inside`;
      const connections = bed.connectionsToClosedPort;
      const { id } = await bed.client.create<{ id: string }>('/endpoints', body(url));
      const test = await bed.test({ id, path: '/inside' }, device);
      const refusal = { code: 'target_not_allowed', message: 'Requests to this address are not allowed.' };
      expect(test.body).toMatchObject({
        status: 'failed',
        verdict: 'not_sent',
        httpStatus: null,
        error: refusal,
      });
      const row = async () =>
        (await bed.client.log<Record<string, unknown>>(`/deliveries/${String(test.body.deliveryId)}`)).body;
      await waitFor(async () => (await row()).status !== 'open', { what: 'the outcome' });
      expect(await row()).toMatchObject({ status: 'failed', verdict: 'not_sent', error: refusal });
      expect(JSON.stringify(await row())).not.toMatch(/127\.0|::1|loopback/);
      expect(bed.connectionsToClosedPort).toBe(connections);
      expect(bed.running.logs('delivery-worker')).toMatch(/hooks\.localhost is 127\.0\.0\.1/);
    });
  });
}
