import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StackClient } from '@kirisan/e2e';
import { type RunningStack, startStack, waitFor } from '@kirisan/local-stack';
import pg from 'pg';
import { HelperProcess } from './helper-process.js';
import type { LoadOrder, LoadReport } from './load.process.js';
import { cpuMicros, median, percentile, residentMegabytes } from './process-figures.js';

// npm run bench: everything real and in one run. BENCH_EVENTS and BENCH_PAIRS make it shorter or longer.
const EVENTS = Number(process.env.BENCH_EVENTS ?? 20_000);
const PAIRS = Number(process.env.BENCH_PAIRS ?? 3);
const LINES = 50;

interface Throughput {
  barePostMicros: number;
  deliveriesPerSecond: number;
  microsPerDelivery: number;
  multipleOfBarePost: number;
  microsByProcess: Record<string, number>;
}

const dir = mkdtempSync(join(tmpdir(), 'kirisan-bench-'));
const sink = new HelperProcess('sink');
const load = new HelperProcess('load');
const bare = new HelperProcess('bare-post');
let nextNumber = 1;

async function main(): Promise<void> {
  const sinkUrl = `http://127.0.0.1:${(await sink.answer<{ port: number }>()).port}`;
  const running = await startStack({
    dir,
    ports: 'free',
    env: { LOG_LEVEL: 'warn', TELEGRAM_API_URL: 'http://127.0.0.1:9' },
  });
  const database = new pg.Client({ connectionString: running.stack.databaseUrl });
  await database.connect();
  try {
    const ingestUrls = await setUp(new StackClient(running), sinkUrl);
    const idle = memory(running);
    await throughput(running, database, ingestUrls, sinkUrl, 2_000);
    const runs: Throughput[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      runs.push(await throughput(running, database, ingestUrls, sinkUrl, EVENTS));
    }
    const loaded = memory(running);
    report({ runs, latency: await latency(ingestUrls), memoryIdle: idle, memoryLoaded: loaded });
  } finally {
    await database.end();
    await running.stop();
    for (const helper of [sink, load, bare]) helper.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** One device and one active endpoint a line. */
async function setUp(client: StackClient, sinkUrl: string): Promise<string[]> {
  const urls: string[] = [];
  for (let i = 0; i < LINES; i++) {
    const device = await client.create<{ id: string; ingestUrl: string }>('/devices', {
      channel: 'whatsapp',
      name: `Line ${i}`,
      inboundMode: 'webhook',
      credentials: {},
    });
    const endpoint = await client.create<{ id: string }>('/endpoints', {
      name: `Endpoint ${i}`,
      url: `${sinkUrl}/`,
      events: ['incoming_message'],
      deviceIds: [device.id],
    });
    await client.registry('POST', `/endpoints/${endpoint.id}/test`, {
      event: 'incoming_message',
      deviceId: device.id,
    });
    urls.push(device.ingestUrl);
  }
  return urls;
}

async function throughput(
  running: RunningStack,
  database: pg.Client,
  ingestUrls: string[],
  sinkUrl: string,
  count: number,
): Promise<Throughput> {
  const { micros } = await bare.ask<{ micros: number }>({ url: `${sinkUrl}/`, count: 20_000 });
  const logged = () => rowsLogged(database);
  const before = { rows: await logged(), cpu: cpuByProcess(running) };
  const started = performance.now();
  const { refused } = await send({ ingestUrls, count, connections: 64 });
  if (refused > 0) throw new Error(`${refused} requests were not answered 200`);
  await waitFor(async () => (await logged()) - before.rows >= count, {
    timeoutMs: 300_000,
    intervalMs: 100,
    what: 'all rows',
  });
  const seconds = (performance.now() - started) / 1_000;
  const after = cpuByProcess(running);
  const microsByProcess = Object.fromEntries(
    Object.entries(after).map(([name, value]) => [
      name,
      Math.round((value - (before.cpu[name] ?? 0)) / count),
    ]),
  );
  const total = Object.values(microsByProcess).reduce((sum, value) => sum + value, 0);
  return {
    barePostMicros: Math.round(micros),
    deliveriesPerSecond: Math.round(count / seconds),
    microsPerDelivery: total,
    multipleOfBarePost: Math.round((total / micros) * 10) / 10,
    microsByProcess,
  };
}

async function latency(ingestUrls: string[]) {
  await sink.ask({ ask: 'arrivals' });
  const { sent } = await send({ ingestUrls, count: 4_000, connections: 64, rate: 200 });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const { arrivals } = await sink.ask<{ arrivals: [number, number][] }>({ ask: 'arrivals' });
  const arrived = new Map(arrivals);
  const times = sent.map(([number, at]) => (arrived.get(number) ?? Infinity) - at).sort((a, b) => a - b);
  return {
    ratePerSecond: 200,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    maxMs: times.at(-1),
  };
}

function send(order: Omit<LoadOrder, 'firstNumber'>): Promise<LoadReport> {
  const firstNumber = nextNumber;
  nextNumber += order.count;
  return load.ask<LoadReport>({ ...order, firstNumber });
}

async function rowsLogged(database: pg.Client): Promise<number> {
  const { rows } = await database.query<{ n: string }>(
    'SELECT count(*) AS n FROM log.deliveries WHERE production',
  );
  return Number(rows[0]!.n);
}

function cpuByProcess({ stack }: RunningStack): Record<string, number> {
  return Object.fromEntries(Object.entries(stack.pids).map(([name, pid]) => [name, cpuMicros(pid)]));
}

function memory({ stack }: RunningStack): Record<string, number> {
  const services = Object.entries(stack.pids).filter(([name]) => name !== 'postgres' && name !== 'nats');
  return Object.fromEntries(services.map(([name, pid]) => [name, residentMegabytes(pid)]));
}

function report(figures: {
  runs: Throughput[];
  latency: object;
  memoryIdle: object;
  memoryLoaded: object;
}): void {
  const of = (key: 'barePostMicros' | 'deliveriesPerSecond' | 'microsPerDelivery' | 'multipleOfBarePost') =>
    median(figures.runs.map((run) => run[key]));
  const summary = {
    'deliveries/s (median)': of('deliveriesPerSecond'),
    'CPU µs per delivery (median)': of('microsPerDelivery'),
    'bare undici POST µs (median)': of('barePostMicros'),
    'multiple of a bare POST (median)': of('multipleOfBarePost'),
  };
  console.table(summary);
  console.table(figures.runs.map(({ microsByProcess, ...run }) => ({ ...run, ...microsByProcess })));
  console.table({ 'send → sink': figures.latency });
  console.table({ 'idle MB': figures.memoryIdle, 'loaded MB': figures.memoryLoaded });
  mkdirSync('test-results', { recursive: true });
  writeFileSync('test-results/bench.json', `${JSON.stringify({ summary, ...figures }, null, 2)}\n`);
}

await main();
