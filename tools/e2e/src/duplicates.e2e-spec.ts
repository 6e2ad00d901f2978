import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkLedger } from './ledger.js';
import { checkPromises } from './promises.js';
import { callIngestor, fonnteText } from './provider-requests.js';
import { type Line, TestBed } from './test-bed.js';
import { Workload } from './workload.js';

// Real: two ingestors and two of each service behind them as processes, PostgreSQL, nats-server, a sink.
let bed: TestBed;
let line: Line;
let ingestUrls: string[];

beforeAll(async () => {
  bed = await TestBed.start({ copies: { 'ingestor-whatsapp': 2, router: 2, 'delivery-worker': 2 } });
  line = await bed.line();
  const second = bed.running.stack.ingestors['whatsapp-2']!;
  ingestUrls = [line.ingestUrl, second + new URL(line.ingestUrl).pathname];
}, 180_000);
afterAll(() => bed?.stop(), 90_000);

const events = () => bed.client.all(`/events?deviceId=${line.deviceId}`);

/** Whatever follows has been through every step when one more message has. */
async function nothingIsAdded(texts: Set<string>, more: string): Promise<void> {
  const last = new Workload(more, [line.ingestUrl], { connections: 1 });
  await last.sendAccepted(5);
  const all = new Set([...texts, ...last.accepted]);
  const { rows } = await checkPromises(bed, line, all);
  expect([rows, (await events()).length]).toEqual([all.size, all.size]);
}

describe("a provider's repeat", () => {
  const workload = () => new Workload('repeated', ingestUrls);
  let sent: Workload;

  it('adds nothing when a hundred of it come at once, at two ingestors', async () => {
    const call = fonnteText(77, 'a hundred at once');
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => callIngestor(ingestUrls[i % 2]!, call)),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    await nothingIsAdded(new Set(['a hundred at once']), 'after-a-hundred');
  }, 180_000);

  it('adds nothing after everything was started again', async () => {
    line = await bed.line();
    ingestUrls = [
      line.ingestUrl,
      ingestUrls[1]!.replace(/^(\w+:\/\/[^/]+).*$/, `$1${new URL(line.ingestUrl).pathname}`),
    ];
    sent = workload();
    await sent.sendAccepted(150);
    await checkPromises(bed, line, sent.accepted);
    for (const name of bed.processes) await bed.running.kill(name);
    await bed.running.ready();
    await sent.sendAgain();
    await nothingIsAdded(new Set(sent.accepted), 'after-the-restart');
  }, 240_000);
});

describe('the ledger after all this', () => {
  it('adds up, and the sink agrees', () => checkLedger(bed), 240_000);
});
