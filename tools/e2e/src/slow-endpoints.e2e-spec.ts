import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@kirisan/local-stack';
import { checkLedger } from './ledger.js';
import { checkPromises } from './promises.js';
import { type Line, changeReachesRouters, TestBed } from './test-bed.js';
import { Workload } from './workload.js';

// Real: every service as a process, PostgreSQL, nats-server, a sink some of whose paths never answer.
// So slow that what 30 messages need is much longer than what the others need.
const LIVE_TIMEOUT_MS = 4_000;
const IN_FLIGHT_PER_ENDPOINT = 5;
const MAX_IN_FLIGHT = 200;
let bed: TestBed;

interface Message {
  message: { text: string };
}

beforeAll(async () => {
  bed = await TestBed.start({
    env: {
      LIVE_TIMEOUT_MS: String(LIVE_TIMEOUT_MS),
      MAX_IN_FLIGHT_PER_ENDPOINT: String(IN_FLIGHT_PER_ENDPOINT),
      MAX_IN_FLIGHT: String(MAX_IN_FLIGHT),
      PARKED_SCAN_MS: '500',
    },
  });
}, 180_000);
afterAll(() => bed?.stop(), 90_000);

const hang = (path: string) => bed.sink.on(path, () => undefined);
/** A status line whose bytes come one by one, until after the time limit. */
function drip(socket: Socket): void {
  const letters = [...'HTTP/1.1 200 OK'];
  const timer = setInterval(() => socket.write(letters.shift() ?? ''), 500);
  socket.on('error', () => undefined).on('close', () => clearInterval(timer));
}
const live = (path: string) =>
  bed.sink.at(path).filter(({ headers }) => headers['user-agent'] === 'Kirisan-Webhook/1.0').length;
const soon = (what: string) => ({ what, timeoutMs: 60_000, intervalMs: 50 });

/** Median of the milliseconds from a message's acceptance to its POST. */
function medianDelay(workload: Workload, lines: Line[]): number {
  const delays = lines
    .flatMap(({ path }) => bed.sink.at(path))
    .map(({ text, at }) => at - workload.acceptanceOf((JSON.parse(text) as Message).message.text))
    .filter((delay) => !Number.isNaN(delay));
  return delays.sort((a, b) => a - b)[Math.floor(delays.length / 2)]!;
}

/** Loads all lines in turn until each has had so many messages. */
async function load(name: string, lines: Line[], each: number): Promise<Workload> {
  const workload = new Workload(
    name,
    lines.map(({ ingestUrl }) => ingestUrl),
    { pauseMs: 50 },
  );
  await workload.sendAccepted(each * lines.length);
  return workload;
}

describe('one endpoint of twelve that accepts and never answers', () => {
  it('delays nobody, and gets every delivery once', async () => {
    const lines = await bed.manyLines(12);
    const [slow, ...others] = lines as [Line, ...Line[]];
    hang(slow.path);
    const workload = await load('one-hangs', lines, 30);
    await waitFor(
      () => others.every(({ path, ingestUrl }) => live(path) >= workload.acceptedAt(ingestUrl).size),
      soon('every delivery of the others'),
    );
    expect(medianDelay(workload, others)).toBeLessThan(LIVE_TIMEOUT_MS / 2);
    // The others are through, the slow one is not.
    const ofSlow = workload.acceptedAt(slow.ingestUrl);
    expect(live(slow.path)).toBeLessThan(ofSlow.size);
    for (const line of others) await checkPromises(bed, line, workload.acceptedAt(line.ingestUrl));
    await checkPromises(bed, slow, ofSlow, { mayTimeOut: true });
    expect(live(slow.path)).toBe(ofSlow.size);
  }, 240_000);
});

describe('endpoints that reset, drip or close without an answer', () => {
  it('delay nobody, and every delivery of theirs has its one row', async () => {
    const lines = await bed.manyLines(6);
    const [resetting, dripping, closing, ...others] = lines as [Line, Line, Line, ...Line[]];
    bed.sink.on(resetting.path, ({ socket }) => void socket.resetAndDestroy());
    bed.sink.on(dripping.path, ({ socket }) => drip(socket));
    bed.sink.on(closing.path, ({ socket }) => void socket.destroy());
    const workload = await load('bad-ones', lines, 20);
    await waitFor(
      () => others.every(({ path, ingestUrl }) => live(path) >= workload.acceptedAt(ingestUrl).size),
      soon('every delivery of the others'),
    );
    expect(live(dripping.path)).toBeLessThan(workload.acceptedAt(dripping.ingestUrl).size);
    for (const line of others) await checkPromises(bed, line, workload.acceptedAt(line.ingestUrl));
    for (const { path, endpointId, ingestUrl } of [resetting, dripping, closing]) {
      const { size } = workload.acceptedAt(ingestUrl);
      const rows = () =>
        bed.client.all<{ verdict: string }>(`/deliveries?endpointId=${endpointId}&production=true`);
      await waitFor(async () => (await rows()).length === size, soon(`a row for each of ${size}`));
      expect(new Set((await rows()).map(({ verdict }) => verdict))).toEqual(new Set(['sent_no_answer']));
      expect(live(path)).toBe(size);
    }
  }, 240_000);
});

describe('what is parked', () => {
  it('survives that everything is started again, and drains when the endpoint answers', async () => {
    const line = await bed.line();
    hang(line.path);
    const workload = await load('parked', [line], 40);
    const before = live(line.path);
    expect(before).toBeLessThan(40);
    for (const name of bed.processes) await bed.running.kill(name);
    bed.sink.recover(line.path);
    await bed.running.ready();
    const { interrupted } = await checkPromises(bed, line, workload.accepted, {
      mayTimeOut: true,
      mayInterrupt: IN_FLIGHT_PER_ENDPOINT,
    });
    expect(live(line.path)).toBe(workload.accepted.size);
    expect(interrupted).toBeGreaterThan(0);
  }, 240_000);
});

describe('a hundred endpoints that hang', () => {
  it("do not take the others' room", async () => {
    const [good] = (await bed.manyLines(1)) as [Line];
    const device = await bed.device('a hundred');
    const paths = Array.from({ length: 100 }, (_, i) => `/hundred-${i}`);
    await Promise.all(paths.map((path) => bed.endpoint(device.id, path)));
    await changeReachesRouters();
    paths.forEach(hang);
    const hanging = new Workload('hundred', [device.ingestUrl], { connections: 2 });
    await hanging.sendAccepted(5);
    const arrived = () => paths.reduce((sum, path) => sum + live(path), 0);
    const all = hanging.accepted.size * paths.length;
    await waitFor(() => arrived() > 0, soon('the first of the hundred'));
    const workload = await load('beside-a-hundred', [good], 100);
    await waitFor(() => live(good.path) >= workload.accepted.size, soon('every delivery of the good one'));
    expect(arrived()).toBeLessThan(all);
    await checkPromises(bed, good, workload.accepted);
    await waitFor(() => arrived() === all, { ...soon('all of the hundred'), timeoutMs: 120_000 });
    await waitFor(
      async () => (await bed.client.all(`/deliveries?deviceId=${device.id}&production=true`)).length === all,
      soon('a row of each'),
    );
    expect(bed.sink.twice()).toEqual([]);
  }, 300_000);
});

describe('the ledger after all this', () => {
  it('adds up, and the sink agrees', () => checkLedger(bed), 240_000);
});
