import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  id: string;
  headers: Record<string, string>;
  body: string;
  at: number;
}

/** An endpoint's server that counts: `/hang…` never answers while `isHanging`, `/slow…` answers late, all else at once. */
export class Sink {
  readonly received: Received[] = [];
  isHanging = true;
  slowMs = 300;
  private readonly server: Server;
  private readonly held: ServerResponse[] = [];

  private constructor() {
    this.server = createServer((request, response) => void this.take(request, response));
  }

  static async start(): Promise<Sink> {
    const sink = new Sink();
    await new Promise<void>((resolve) => sink.server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  to(path: string): Received[] {
    return this.received.filter((one) => one.path === path);
  }

  /** Answers what hangs, and all that comes. */
  recover(): void {
    this.isHanging = false;
    for (const response of this.held.splice(0)) response.writeHead(200).end('late');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url!;
    this.received.push({
      path,
      id: String(request.headers['webhook-id']),
      headers: request.headers as Record<string, string>,
      body: Buffer.concat(chunks).toString('utf8'),
      at: Date.now(),
    });
    if (path.startsWith('/hang') && this.isHanging) this.held.push(response);
    else if (path.startsWith('/slow')) setTimeout(() => response.writeHead(200).end('slow'), this.slowMs);
    else response.writeHead(path.startsWith('/fail') ? 500 : 200).end('taken');
  }
}
