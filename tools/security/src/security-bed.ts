import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changeReachesRouters, Sink, StackClient } from '@kirisan/e2e';
import { type RunningStack, startStack } from '@kirisan/local-stack';
import { randomKey } from './plants.js';

export interface Device {
  id: string;
  token: string;
  ingestUrl: string;
}

export interface Endpoint {
  id: string;
  path: string;
}

/** The whole stack with everything logged, secrets of our own, and a Telegram that answers as each test likes. */
export class SecurityBed {
  readonly dir = mkdtempSync(join(tmpdir(), 'kirisan-security-'));
  readonly sink = new Sink();
  readonly keysFile = join(this.dir, 'secret-keys');
  readonly firstKey = `k1:${randomKey()}`;
  running!: RunningStack;
  /** Bodies of the fake Bot API, by bot token; without one the connection is broken off. */
  readonly telegram = new Map<string, string>();
  private readonly botApi: Server = createServer((request, response) => {
    const token = /^\/bot([^/]+)\//.exec(request.url ?? '')?.[1] ?? '';
    const answer = this.telegram.get(token);
    if (answer === undefined) request.socket.destroy();
    else response.writeHead(401, { 'content-type': 'application/json' }).end(answer);
  });

  private readonly closed: Server = createServer();
  connectionsToClosedPort = 0;

  async start(): Promise<void> {
    this.closed.on('connection', () => this.connectionsToClosedPort++);
    await listen(this.closed);
    await listen(this.botApi);
    writeFileSync(this.keysFile, this.firstKey);
    await this.sink.start();
    this.running = await startStack({
      dir: this.dir,
      ports: 'free',
      durable: false,
      env: {
        LOG_LEVEL: 'trace',
        TELEGRAM_API_URL: `http://127.0.0.1:${(this.botApi.address() as AddressInfo).port}`,
        // One port alone, so that a name of loopback may be saved and is refused when it is dialled.
        TARGET_ALLOW: new URL(this.sink.url('/')).host,
        SECRET_KEYS: '',
        SECRET_KEYS_FILE: this.keysFile,
        MAX_REQUESTS_PER_SECOND: '40',
      },
    });
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    await this.sink.stop();
    this.botApi.closeAllConnections();
    this.botApi.close();
    this.closed.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Of a server that no endpoint may reach. */
  get closedPort(): number {
    return (this.closed.address() as AddressInfo).port;
  }

  get client(): StackClient {
    return new StackClient(this.running);
  }

  /** What the stack made for itself: passwords and the internal token. */
  madeSecrets(): string[] {
    const kept = JSON.parse(readFileSync(join(this.dir, 'credentials.json'), 'utf8')) as Record<
      string,
      string
    >;
    return Object.values(kept);
  }

  device(
    channel: string,
    credentials: Record<string, string> = {},
    name = `${channel} device`,
  ): Promise<Device> {
    return this.client.create<Device>('/devices', { channel, name, inboundMode: 'webhook', credentials });
  }

  /** An endpoint at the sink, active if its test succeeds. */
  async endpoint(
    path: string,
    devices: Device[],
    secret?: string,
    events = ['incoming_message'],
  ): Promise<Endpoint> {
    const { id } = await this.client.create<{ id: string }>('/endpoints', {
      name: path,
      url: this.sink.url(path),
      events,
      deviceIds: devices.map(({ id }) => id),
      ...(secret !== undefined && { secret }),
    });
    await this.test({ id, path }, devices[0]!);
    await changeReachesRouters();
    return { id, path };
  }

  test(endpoint: Endpoint, device: Device) {
    const body = { event: 'incoming_message', deviceId: device.id };
    return this.client.registry<Record<string, unknown>>('POST', `/endpoints/${endpoint.id}/test`, body);
  }

  /** POSTs of live events that arrived at a path. */
  live(path: string) {
    return this.sink.at(path).filter(({ headers }) => headers['user-agent'] === 'Kirisan-Webhook/1.0');
  }
}

const listen = (server: Server) =>
  new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
