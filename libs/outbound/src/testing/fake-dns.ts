import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { parseAddress } from '../address-ranges.js';

export interface FakeAnswer {
  /** Those of the asked family are answered. */
  addresses?: string[];
  ttl?: number;
  /** 0 no error, 2 server failure, 3 no such name. */
  rcode?: number;
  /** Never answered. */
  silent?: boolean;
  delayMs?: number;
}

export type RecordType = 'A' | 'AAAA';

/** A name server on a loopback UDP port that answers whatever the test says. */
export class FakeDns {
  /** `name type` of each question that came in. */
  readonly questions: string[] = [];
  private readonly socket: Socket = createSocket('udp4');

  /** @param answer called for each question; undefined means no such name */
  constructor(private readonly answer: (name: string, type: RecordType) => FakeAnswer | undefined) {
    this.socket.on('message', (query, peer) => this.reply(query, peer));
  }

  /** Starts it; the result fits `servers`. */
  async start(): Promise<string> {
    this.socket.bind(0, '127.0.0.1');
    await once(this.socket, 'listening');
    return `127.0.0.1:${this.socket.address().port}`;
  }

  stop(): void {
    this.socket.close();
  }

  private reply(query: Buffer, peer: RemoteInfo): void {
    const { name, end } = readName(query);
    const code = query.readUInt16BE(end);
    const type: RecordType = code === 28 ? 'AAAA' : 'A';
    this.questions.push(`${name} ${type}`);
    const answer = this.answer(name.toLowerCase(), type) ?? { rcode: 3 };
    if (answer.silent === true) return;
    const message = respond(query.subarray(0, end + 4), type, answer);
    setTimeout(() => this.send(message, peer), answer.delayMs ?? 0);
  }

  private send(message: Buffer, peer: RemoteInfo): void {
    try {
      this.socket.send(message, peer.port, peer.address);
    } catch {
      // Stopped meanwhile.
    }
  }
}

function readName(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

function respond(question: Buffer, type: RecordType, answer: FakeAnswer): Buffer {
  const family = type === 'A' ? 4 : 6;
  const addresses = (answer.addresses ?? []).filter((address) => isIP(address) === family);
  const head = Buffer.from(question);
  head.writeUInt16BE(0x8180 | (answer.rcode ?? 0), 2);
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt32BE(0, 8);
  const records = addresses.map((address) => {
    const bytes = Buffer.from(parseAddress(address)!);
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(type === 'A' ? 1 : 28, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(answer.ttl ?? 60, 6);
    record.writeUInt16BE(bytes.length, 10);
    return Buffer.concat([record, bytes]);
  });
  return Buffer.concat([head, ...records]);
}
