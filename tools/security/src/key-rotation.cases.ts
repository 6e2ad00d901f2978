import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { callIngestor, fonnteText } from '@kirisan/e2e';
import { waitFor } from '@kirisan/local-stack';
import { databaseDump } from './everything-kept.js';
import { randomKey } from './plants.js';
import type { Device, Endpoint, SecurityBed } from './security-bed.js';

const SIGNING = 'signing secret that outlives its key';
const SECRET = 'webhook-secret-that-outlives-its-key';
/** Whoever opens what the registry seals must have the new key before the registry seals with it. */
const OPENERS = ['delivery-worker', 'ingestor-whatsapp', 'ingestor-telegram', 'ingestor-waba'];

/** A new key under load, while the old one still opens; then the old one is taken away. */
export function keyRotation(bed: SecurityBed): void {
  describe('rotating the keys of secrets', () => {
    let device: Device;
    let endpoint: Endpoint;
    beforeAll(async () => {
      device = await bed.device('whatsapp', { webhookSecret: SECRET });
      endpoint = await bed.endpoint('/rotation', [device], SIGNING);
    });

    const sealedWith = async (key: string) =>
      [...(await databaseDump(bed.running.stack.databaseUrl)).matchAll(new RegExp(`\\bv1\\.${key}\\.`, 'g'))]
        .length;

    it('fails no delivery, and leaves nothing behind that the old key sealed', async () => {
      const load = new Load(device);
      load.start();
      const second = `k2:${randomKey()}`;
      expect(await sealedWith('k1')).toBeGreaterThan(0);

      writeFileSync(bed.keysFile, `${second},${bed.firstKey}`);
      await Promise.all(OPENERS.map((name) => bed.running.restart(name)));
      await bed.running.restart('registry');
      await waitFor(async () => (await sealedWith('k1')) === 0, { what: 'every secret sealed anew' });
      const halfway = load.accepted.size;

      writeFileSync(bed.keysFile, second);
      await Promise.all(['registry', ...OPENERS].map((name) => bed.running.restart(name)));
      await waitFor(() => load.accepted.size > halfway + 20, { what: 'load with the new key alone' });
      await load.stop();

      const { accepted } = load;
      await waitFor(() => bed.live('/rotation').length >= accepted.size, { what: 'every POST' });
      const rows = () =>
        bed.client.all<{ status: string }>(`/deliveries?endpointId=${endpoint.id}&production=true`);
      await waitFor(async () => (await rows()).length >= accepted.size, { what: 'every row' });
      expect(new Set((await rows()).map(({ status }) => status))).toEqual(new Set(['success']));
      const arrived = bed.live('/rotation');
      expect(new Set(arrived.map(({ headers }) => headers['x-webhook-secret']))).toEqual(new Set([SIGNING]));
      expect(arrived.length).toBe(accepted.size);
      expect(bed.running.logs('delivery-worker')).not.toMatch(/a secret is unreadable/);
    }, 120_000);
  });
}

/** Messages that carry the device's secret, each repeated until it is accepted. */
class Load {
  readonly accepted = new Set<number>();
  private running = true;
  private next = 8_000_000;
  private loops: Promise<void>[] = [];

  constructor(private readonly device: Device) {}

  start(): void {
    this.loops = [this.loop(), this.loop()];
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.loops);
  }

  private async loop(): Promise<void> {
    while (this.running) {
      const id = this.next++;
      while (
        (await callIngestor(this.device.ingestUrl, fonnteText(id, `m${id}`, { secret: SECRET }))) !== 200
      ) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      this.accepted.add(id);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
