import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A POST that arrived. */
export interface Arrival {
  path: string;
  headers: IncomingHttpHeaders;
  /** The text of the body as it came. */
  text: string;
  at: number;
}

/** What the sink does with a request of a path; the default answers 200. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** A receiver that counts everything: the witness of end-to-end tests. */
export class Sink {
  readonly arrivals: Arrival[] = [];
  private readonly behaviours = new Map<string, Behaviour>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => void this.receive(request, response));
    this.server.keepAliveTimeout = 60_000;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  on(path: string, behaviour: Behaviour): void {
    this.behaviours.set(path, behaviour);
  }

  /** Answers 200 again; what waits is left waiting. */
  recover(path: string): void {
    this.behaviours.delete(path);
  }

  /** Arrivals of a path. */
  at(path: string): Arrival[] {
    return this.arrivals.filter((arrival) => arrival.path === path);
  }

  /** Match ids that arrived more than once: must always be empty. */
  twice(): string[] {
    const seen = new Map<string, number>();
    for (const { headers } of this.arrivals) {
      const id = String(headers['webhook-id']);
      seen.set(id, (seen.get(id) ?? 0) + 1);
    }
    return [...seen].filter(([, times]) => times > 1).map(([id]) => id);
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? '/';
    this.arrivals.push({
      path,
      headers: request.headers,
      text: Buffer.concat(chunks).toString('utf8'),
      at: Date.now(),
    });
    const behaviour = this.behaviours.get(path);
    if (behaviour) behaviour(request, response);
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
  }
}
