import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A TCP server on loopback whose every byte the test decides. */
export class RawServer {
  /** What each connection has sent so far, oldest first. */
  readonly received: string[] = [];
  readonly sockets = new Set<Socket>();
  private readonly server: Server;

  /** @param onConnection called for each connection, before anything was read */
  constructor(onConnection: (socket: Socket, index: number) => void) {
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const index = this.received.push('') - 1;
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => (this.received[index] += chunk.toString('latin1')));
      onConnection(socket, index);
    });
  }

  /** Answers every whole request with these bytes; a function may do more with the socket. */
  static answering(answer: string | Buffer | ((socket: Socket, request: number) => void)): RawServer {
    return new RawServer((socket) => {
      let requests = 0;
      onRequest(socket, () => {
        requests++;
        if (typeof answer === 'function') answer(socket, requests);
        else socket.write(answer);
      });
    });
  }

  async start(host = '127.0.0.1'): Promise<this> {
    this.server.listen(0, host);
    await once(this.server, 'listening');
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** Requests received, counted by their request lines. */
  get requests(): number {
    return this.received.join('').split('POST /').length - 1;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** Calls back each time that a request with a `content-length` has come in whole. */
export function onRequest(socket: Socket, callback: () => void): void {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    for (let end = requestEnd(text); end >= 0; end = requestEnd(text)) {
      text = text.slice(end);
      callback();
    }
  });
}

function requestEnd(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  return head >= 0 && text.length >= head + 4 + length ? head + 4 + length : -1;
}
