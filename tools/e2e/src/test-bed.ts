import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningStack, type StackOptions, startStack } from '@kirisan/local-stack';
import { Failpoints } from './failpoints.js';
import { Sink } from './sink.js';
import { StackClient } from './stack-client.js';
import { Workload } from './workload.js';

export interface Line {
  deviceId: string;
  ingestUrl: string;
  endpointId: string;
  /** The sink's path of the endpoint. */
  path: string;
}

/** Waits that are long in production and short in tests; how they are used is the same. */
export const SHORT_WAITS = {
  TELEGRAM_API_URL: 'http://127.0.0.1:9',
  LOG_LEVEL: 'warn',
  INTERRUPT_AFTER_MS: '8000',
  CLAIM_WRITE_MS: '6000',
};

export type TestBedOptions = Pick<StackOptions, 'env' | 'copies' | 'natsUrl' | 'databaseUrl'>;

/** A whole stack in a temporary folder, with a sink and active endpoints. */
export class TestBed {
  readonly sink = new Sink();
  private lines = 0;

  private constructor(
    private readonly dir: string,
    readonly running: RunningStack,
    readonly failpoints: Failpoints,
  ) {}

  static async start({ env, ...options }: TestBedOptions = {}): Promise<TestBed> {
    const dir = mkdtempSync(join(tmpdir(), 'kirisan-e2e-'));
    const failpoints = new Failpoints(join(dir, 'failpoints'));
    mkdirSync(failpoints.dir);
    const running = await startStack({
      dir,
      ports: 'free',
      durable: false,
      env: { ...SHORT_WAITS, FAILPOINT_DIR: failpoints.dir, ...env },
      backoff: { firstMs: 300, longestMs: 1_000, healthyMs: 60_000 },
      ...options,
    });
    const bed = new TestBed(dir, running, failpoints);
    await bed.sink.start();
    return bed;
  }

  get client(): StackClient {
    return new StackClient(this.running);
  }

  /** Every service, `postgres` and `nats`, as far as they belong to the stack. */
  get processes(): string[] {
    return Object.keys(this.running.stack.pids);
  }

  /** A new WhatsApp device without endpoints. */
  device(name: string): Promise<{ id: string; ingestUrl: string }> {
    return this.client.create('/devices', {
      channel: 'whatsapp',
      name,
      inboundMode: 'webhook',
      credentials: {},
    });
  }

  /** An active endpoint of a device at a path of the sink; routers may not know it yet. */
  async endpoint(deviceId: string, path: string): Promise<string> {
    const { id } = await this.client.create<{ id: string }>('/endpoints', {
      name: path,
      url: this.sink.url(path),
      events: ['incoming_message'],
      deviceIds: [deviceId],
    });
    const test = await this.client.registry<{ status: string }>('POST', `/endpoints/${id}/test`, {
      event: 'incoming_message',
      deviceId,
    });
    if (test.body.status !== 'success')
      throw new Error(`the test delivery failed: ${JSON.stringify(test.body)}`);
    return id;
  }

  /** A new WhatsApp device with an active endpoint of its own at the sink. */
  async line(): Promise<Line> {
    const [line] = await this.manyLines(1);
    return line!;
  }

  async manyLines(count: number): Promise<Line[]> {
    const lines = await Promise.all(Array.from({ length: count }, () => this.unroutedLine()));
    await changeReachesRouters();
    return lines;
  }

  private async unroutedLine(): Promise<Line> {
    const path = `/line-${++this.lines}`;
    const device = await this.device(path);
    const endpointId = await this.endpoint(device.id, path);
    return { deviceId: device.id, ingestUrl: device.ingestUrl, endpointId, path };
  }

  async stop(): Promise<void> {
    await Workload.stopAll();
    await this.running.stop();
    await this.sink.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A change reaches every router within a second. */
export const changeReachesRouters = () => new Promise<void>((resolve) => setTimeout(resolve, 1_000));
