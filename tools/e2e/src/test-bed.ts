import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningStack, startStack } from '@kirisan/local-stack';
import { Sink } from './sink.js';
import { StackClient } from './stack-client.js';

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

/** A whole stack in a temporary folder, with a sink and active endpoints. */
export class TestBed {
  readonly sink = new Sink();
  readonly failpointDir: string;
  private lines = 0;

  private constructor(
    private readonly dir: string,
    readonly running: RunningStack,
  ) {
    this.failpointDir = join(dir, 'failpoints');
  }

  static async start(env: Record<string, string> = {}): Promise<TestBed> {
    const dir = mkdtempSync(join(tmpdir(), 'kirisan-e2e-'));
    const failpointDir = join(dir, 'failpoints');
    mkdirSync(failpointDir);
    const running = await startStack({
      dir,
      ports: 'free',
      durable: false,
      env: { ...SHORT_WAITS, FAILPOINT_DIR: failpointDir, ...env },
      backoff: { firstMs: 300, longestMs: 1_000, healthyMs: 60_000 },
    });
    const bed = new TestBed(dir, running);
    await bed.sink.start();
    return bed;
  }

  get client(): StackClient {
    return new StackClient(this.running);
  }

  /** A new WhatsApp device with an active endpoint of its own at the sink. */
  async line(): Promise<Line> {
    const path = `/line-${++this.lines}`;
    const device = await this.client.create<{ id: string; ingestUrl: string }>('/devices', {
      channel: 'whatsapp',
      name: path,
      inboundMode: 'webhook',
      credentials: {},
    });
    const endpoint = await this.client.create<{ id: string }>('/endpoints', {
      name: path,
      url: this.sink.url(path),
      events: ['incoming_message'],
      deviceIds: [device.id],
    });
    const test = await this.client.registry<{ status: string }>('POST', `/endpoints/${endpoint.id}/test`, {
      event: 'incoming_message',
      deviceId: device.id,
    });
    if (test.body.status !== 'success')
      throw new Error(`the test delivery failed: ${JSON.stringify(test.body)}`);
    await changeReachesRouters();
    return { deviceId: device.id, ingestUrl: device.ingestUrl, endpointId: endpoint.id, path };
  }

  async stop(): Promise<void> {
    await this.running.stop();
    await this.sink.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A change reaches every router within a second. */
export const changeReachesRouters = () => new Promise<void>((resolve) => setTimeout(resolve, 1_000));
