import type { Socket } from 'node:net';
import { ignore } from './dial.js';

const LF = 10;
const CR = 13;
const ZERO = 48;
const ONE = 49;
const TWO = 50;
/** Length of `HTTP/1.1 `: where the status code begins. */
const STATUS_AT = 9;

/** Interim answers that are read at full speed; after them each read waits longer. */
const FREE_INTERIMS = 64;
const FIRST_REST_MS = 20;
const LONGEST_REST_MS = 2_000;

/**
 * Sits between a socket and undici's parser and looks at interim (1xx) answers only.
 *
 * undici gives a connection up on an unsolicited `100 Continue`, which a client must ignore (RFC 9110, 15.2); so it is
 * shown a 102 instead. And a server that sends interim answers without end is read ever more slowly, so that it cannot
 * keep the process busy until the timeout.
 */
export class InterimFilter {
  private bytes = 0;
  private budget = Infinity;
  private onExcess: () => void = ignore;
  private interims = 0;
  private resting = false;
  private restMs = FIRST_REST_MS;
  private timer: NodeJS.Timeout | undefined;
  /** Bytes seen of the current line, or -1 once the final answer has begun. */
  private position = -1;
  private inInterim = false;
  private secondDigit = 0;

  constructor(private readonly socket: Socket) {
    const read = socket.read.bind(socket);
    socket.read = (size?: number) => {
      if (this.resting) return null;
      const chunk: Buffer | null = read(size);
      if (chunk !== null) this.pass(chunk);
      return chunk;
    };
    socket.once('close', () => clearTimeout(this.timer));
  }

  /** To be called before each request. `onExcess` is called for what arrives after `budget` bytes were exceeded. */
  begin(budget: number, onExcess: () => void): void {
    this.bytes = 0;
    this.budget = budget;
    this.onExcess = onExcess;
    this.interims = 0;
    this.restMs = FIRST_REST_MS;
    this.position = 0;
    this.inInterim = false;
  }

  /** From now on, at most this many further bytes. */
  limit(budget: number): void {
    this.budget = this.bytes + budget;
  }

  private pass(chunk: Buffer): void {
    const isExceeded = this.bytes > this.budget;
    this.bytes += chunk.length;
    if (isExceeded) this.onExcess();
    if (this.position < 0) return;
    for (let i = 0; i < chunk.length && this.position >= 0; i++) this.step(chunk, i);
    if (this.interims > FREE_INTERIMS && this.position >= 0) this.rest();
  }

  private step(chunk: Buffer, index: number): void {
    const byte = chunk[index]!;
    if (this.inInterim) this.stepInterim(byte);
    else if (this.position === 0 && (byte === CR || byte === LF)) this.interims++;
    else if (this.position < STATUS_AT) this.position++;
    else this.stepStatus(chunk, index, byte);
  }

  private stepStatus(chunk: Buffer, index: number, byte: number): void {
    if (this.position === STATUS_AT && byte !== ONE) {
      this.position = -1;
      return;
    }
    if (this.position === STATUS_AT + 1) this.secondDigit = byte;
    if (this.position === STATUS_AT + 2) {
      if (byte === ZERO && this.secondDigit === ZERO) chunk[index] = TWO;
      this.inInterim = true;
    }
    this.position++;
  }

  /** An empty line ends the head of an interim answer; it has no body. */
  private stepInterim(byte: number): void {
    if (byte === LF && this.position === 0) {
      this.inInterim = false;
      this.interims++;
    } else if (byte === LF) this.position = 0;
    else if (byte !== CR) this.position++;
  }

  private rest(): void {
    this.resting = true;
    this.timer = setTimeout(() => {
      this.resting = false;
      this.socket.emit('readable');
    }, this.restMs);
    this.restMs = Math.min(this.restMs * 2, LONGEST_REST_MS);
  }
}
