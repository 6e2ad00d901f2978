import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StackClient } from '@kirisan/e2e';
import { type RunningStack, type StackOptions, startStack, waitFor } from '@kirisan/local-stack';
import pg from 'pg';
import { HelperProcess } from './helper-process.js';
import type { LoadOrder, LoadReport } from './load.process.js';
import { cpuMicros, residentMegabytes } from './process-figures.js';

const LINES = 50;
const SETTINGS = { LOG_LEVEL: 'warn', TELEGRAM_API_URL: 'http://127.0.0.1:9' };

/** A WhatsApp device with endpoints. */
export interface Line {
  deviceId: string;
  deviceToken: string;
  ingestUrl: string;
  endpointIds: string[];
}

interface Device {
  id: string;
  token: string;
  ingestUrl: string;
}

/** The whole product in processes, a sink and a load generator beside it; nothing is mocked. */
export class BenchStack {
  private nextNumber = 1;

  private constructor(
    readonly running: RunningStack,
    readonly client: StackClient,
    readonly database: pg.Client,
    readonly sink: HelperProcess,
    readonly sinkUrl: string,
    private readonly load: HelperProcess,
  ) {}

  /** Runs the work on a fresh stack and removes all of it afterwards. */
  static async use<T>(
    work: (stack: BenchStack) => Promise<T>,
    options: Omit<StackOptions, 'dir'> = {},
  ): Promise<T> {
    const dir = mkdtempSync(join(tmpdir(), 'kirisan-bench-'));
    const sink = new HelperProcess('sink');
    const load = new HelperProcess('load');
    const sinkUrl = `http://127.0.0.1:${(await sink.answer<{ port: number }>()).port}`;
    const running = await startStack({
      dir,
      ports: 'free',
      ...options,
      env: { ...SETTINGS, ...options.env },
    });
    const database = new pg.Client({ connectionString: running.stack.databaseUrl });
    await database.connect();
    try {
      return await work(new BenchStack(running, new StackClient(running), database, sink, sinkUrl, load));
    } finally {
      await database.end();
      await running.stop();
      sink.end();
      load.end();
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** Fifty devices with an active endpoint each; the first one's is `/slow` at the sink. */
  async lines(): Promise<Line[]> {
    const lines: Line[] = [];
    for (let i = 0; i < LINES; i++) lines.push(await this.line(1, i === 0 ? '/slow' : '/'));
    return lines;
  }

  /** A device with so many active endpoints. */
  async line(endpoints: number, path = '/'): Promise<Line> {
    const device = await this.client.create<Device>('/devices', {
      channel: 'whatsapp',
      name: 'Line',
      inboundMode: 'webhook',
      credentials: {},
    });
    const endpointIds: string[] = [];
    for (let i = 0; i < endpoints; i++) endpointIds.push(await this.endpoint(device.id, path));
    return { deviceId: device.id, deviceToken: device.token, ingestUrl: device.ingestUrl, endpointIds };
  }

  async send(order: Omit<LoadOrder, 'firstNumber' | 'connections'>): Promise<LoadReport> {
    const firstNumber = this.nextNumber;
    this.nextNumber += order.count;
    const report = await this.load.ask<LoadReport>({ ...order, connections: 64, firstNumber });
    if (report.refused > 0) throw new Error(`${report.refused} requests were not answered 200`);
    return report;
  }

  /** Sends at a steady rate and returns the milliseconds from sending to the sink, by the number of the event. */
  async steady(lines: readonly Line[], rate: number, seconds: number): Promise<Map<number, number>> {
    await this.sink.ask({ ask: 'arrivals' });
    const ingestUrls = lines.map(({ ingestUrl }) => ingestUrl);
    const { sent } = await this.send({ ingestUrls, count: rate * seconds, rate });
    await sleep(2_000);
    const { arrivals } = await this.sink.ask<{ arrivals: [number, number][] }>({ ask: 'arrivals' });
    const arrived = new Map(arrivals);
    return new Map(sent.map(([number, at]) => [number, (arrived.get(number) ?? Infinity) - at]));
  }

  async rowsLogged(): Promise<number> {
    const { rows } = await this.database.query<{ n: string }>(
      'SELECT count(*) AS n FROM log.deliveries WHERE production',
    );
    return Number(rows[0]!.n);
  }

  /** Sends as fast as it is taken and waits until every delivery is in the log. */
  async deliver(lines: readonly Line[], events: number, deliveries = events) {
    const before = { rows: await this.rowsLogged(), cpu: this.cpuByProcess() };
    const started = performance.now();
    await this.send({ ingestUrls: lines.map(({ ingestUrl }) => ingestUrl), count: events });
    await waitFor(async () => (await this.rowsLogged()) - before.rows >= deliveries, {
      timeoutMs: 300_000,
      intervalMs: 100,
      what: 'all rows',
    });
    const seconds = (performance.now() - started) / 1_000;
    const microsByProcess = Object.fromEntries(
      Object.entries(this.cpuByProcess()).map(([name, value]) => [
        name,
        Math.round((value - (before.cpu[name] ?? 0)) / deliveries),
      ]),
    );
    return {
      deliveriesPerSecond: Math.round(deliveries / seconds),
      microsPerDelivery: Object.values(microsByProcess).reduce((sum, value) => sum + value, 0),
      microsByProcess,
    };
  }

  /** Resident memory of each service, MB. */
  memory(): Record<string, number> {
    const services = Object.entries(this.running.stack.pids).filter(
      ([name]) => name !== 'postgres' && name !== 'nats',
    );
    return Object.fromEntries(services.map(([name, pid]) => [name, residentMegabytes(pid)]));
  }

  private async endpoint(deviceId: string, path: string): Promise<string> {
    const { id } = await this.client.create<{ id: string }>('/endpoints', {
      name: 'Endpoint',
      url: `${this.sinkUrl}${path}`,
      events: ['incoming_message'],
      deviceIds: [deviceId],
    });
    await this.client.registry('POST', `/endpoints/${id}/test`, { event: 'incoming_message', deviceId });
    return id;
  }

  private cpuByProcess(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.running.stack.pids).map(([name, pid]) => [name, cpuMicros(pid)]),
    );
  }
}
