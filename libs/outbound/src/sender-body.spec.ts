import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { BodyCollector, decode, toText } from './response-body.js';
import type { SendResult } from './send-result.js';
import type { SenderOptions } from './sender.js';
import { RawServer } from './testing/raw-server.js';
import { earnTrust, loopbackSender, pause, post } from './testing/senders.js';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const KEPT = 16 * 1024;

async function against(
  answer: Buffer | string | ((socket: Socket) => void),
  options: Partial<SenderOptions> = {},
): Promise<SendResult> {
  const server = await RawServer.answering(answer).start();
  const sender = loopbackSender(options);
  cleanUps.push(
    () => server.stop(),
    () => sender.close(0),
  );
  return post(sender, server.url);
}

function answering(body: Buffer | string, headers = ''): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\n${headers}content-length: ${bytes.length}\r\n\r\n`),
    bytes,
  ]);
}

/** Writes the same bytes until the connection ends, and counts them. */
function flood(socket: Socket, bytes: Buffer, count: (written: number) => void = () => undefined): void {
  const more = () => {
    let goOn = true;
    while (goOn && !socket.destroyed) {
      goOn = socket.write(bytes);
      count(bytes.length);
    }
  };
  socket.on('drain', more);
  more();
}

describe('what is kept of a body', () => {
  it.each([
    ['nothing', '', '', false],
    ['a short text', 'é✓😀', 'é✓😀', false],
    ['exactly the limit', 'a'.repeat(KEPT), 'a'.repeat(KEPT), false],
    ['more than the limit', 'a'.repeat(KEPT + 1), 'a'.repeat(KEPT), true],
    ['two-byte characters across the limit', `a${'é'.repeat(KEPT)}`, `a${'é'.repeat(KEPT / 2 - 1)}`, true],
    [
      'four-byte characters across the limit',
      `abc${'😀'.repeat(KEPT / 4)}`,
      `abc${'😀'.repeat(KEPT / 4 - 1)}`,
      true,
    ],
    ['NUL', 'a\0b', 'a\ufffdb', false],
    ['invalid UTF-8', Buffer.from([0x61, 0xff, 0xc3, 0x28, 0x62]), 'a\ufffd\ufffd(b', false],
    ['a character that is cut off', Buffer.from([0x61, 0xf0, 0x9f]), 'a\ufffd', false],
    ['a lone surrogate', Buffer.from([0xed, 0xa0, 0x80]), '\ufffd\ufffd\ufffd', false],
    ['only continuation bytes', Buffer.alloc(KEPT + 10, 0x80), '\ufffd'.repeat(Math.floor(KEPT / 3)), true],
  ])('%s', async (_what, body, text, truncated) => {
    const result = await against(answering(body));
    expect(result.responseBody).toBe(text);
    expect(result).toMatchObject({ httpStatus: 200, responseTruncated: truncated, responseEnd: 'complete' });
  });

  it('is valid, without NUL and within the limit, whatever the bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'grapheme', maxLength: 100 }).map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 120 }), (input, limit) => {
        const { text, isCut } = toText(Buffer.from(input), limit);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
        expect(text).not.toContain('\0');
        expect(Buffer.from(text).toString('utf8')).toBe(text);
        const whole = Buffer.from(input).toString('utf8').replaceAll('\0', '\ufffd');
        expect(whole.startsWith(text)).toBe(true);
        expect(isCut).toBe(text !== whole);
      }),
      { numRuns: 2_000 },
    );
  });

  it('loses only the character that it breaks off in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.nat(), (text, cut) => {
        const bytes = Buffer.from(text);
        const at = cut % (bytes.length + 1);
        const kept = toText(bytes.subarray(0, at), 1_000, false).text;
        expect(text.replaceAll('\0', '\ufffd').startsWith(kept)).toBe(true);
        expect(at - Buffer.byteLength(kept)).toBeLessThan(4);
      }),
    );
  });

  it('comes whole from any chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 })),
        fc.integer({ min: 1, max: 300 }),
        (chunks, limit) => {
          const collector = new BodyCollector(limit);
          for (const chunk of chunks) collector.add(Buffer.from(chunk));
          const all = Buffer.concat(chunks);
          expect(collector.bytes()).toEqual(all.subarray(0, limit));
          expect(collector.overflowed).toBe(all.length > limit);
        },
      ),
    );
  });

  it('keeps the connection if all of it was read, even if not all was kept', async () => {
    const server = await RawServer.answering(answering('a'.repeat(60_000))).start();
    const sender = loopbackSender({ idleMs: 250 });
    cleanUps.push(
      () => server.stop(),
      () => sender.close(0),
    );
    await earnTrust(sender, server.url);
    for (let i = 0; i < 3; i++) {
      expect((await post(sender, server.url)).responseTruncated).toBe(true);
      await pause(15);
    }
    expect(sender.stats()).toMatchObject({ opened: 2, reused: 2 });
  });
});

describe('a body that is too large', () => {
  it.each([
    ['with a length', `HTTP/1.1 200 OK\r\ncontent-length: ${2 ** 40}\r\n\r\n`],
    ['without a length', 'HTTP/1.1 201 OK\r\n\r\n'],
  ])('%s is cut off and its status counts', async (_what, head) => {
    let written = 0;
    const result = await against((socket) => {
      socket.write(head);
      flood(socket, Buffer.alloc(16_384, 'x'), (bytes) => (written += bytes));
    });
    expect(result.httpStatus).toBe(Number(head.slice(9, 12)));
    expect(result).toMatchObject({
      responseBody: 'x'.repeat(KEPT),
      responseTruncated: true,
      responseEnd: 'too_large',
    });
    expect(result.durationMs).toBeLessThan(4_000);
    expect(written).toBeLessThan(20 * 1024 * 1024);
  });

  it('is not read to its end, however finite', async () => {
    const result = await against(answering('a'.repeat(400_000)));
    expect(result).toMatchObject({ httpStatus: 200, responseTruncated: true, responseEnd: 'too_large' });
  });

  it('is noticed although only its framing is', async () => {
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n1;';
    const result = await against((socket) => {
      socket.write(head);
      flood(socket, Buffer.alloc(16_384, 'x'));
    });
    expect(result).toMatchObject({ httpStatus: 200, responseBody: 'ok', responseTruncated: true });
    expect(result.durationMs).toBeLessThan(4_000);
  });
});

describe('a compressed body', () => {
  const TEXT = '{"text":"é✓😀"}'.repeat(50);
  const BYTES = Buffer.from(TEXT);

  it.each([
    ['gzip', gzipSync(BYTES)],
    ['x-gzip', gzipSync(BYTES)],
    ['GZIP', gzipSync(BYTES)],
    ['deflate', deflateSync(BYTES)],
    ['deflate', deflateRawSync(BYTES)],
    ['br', brotliCompressSync(BYTES)],
    ['gzip, br', brotliCompressSync(gzipSync(BYTES))],
    ['identity', BYTES],
  ])('%s is decoded', async (coding, body) => {
    const result = await against(answering(body, `content-encoding: ${coding}\r\n`));
    expect(result).toMatchObject({ httpStatus: 200, responseBody: TEXT, responseTruncated: false });
  });

  it.each([
    ['gzip', gzipSync(BYTES)],
    ['deflate', deflateSync(BYTES)],
    ['br', brotliCompressSync(BYTES)],
  ])('%s that breaks off is decoded as far as it goes', async (coding, body) => {
    const result = await against((socket) => {
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n`,
      );
      socket.end(body.subarray(0, body.length - 6));
    });
    expect(result).toMatchObject({ httpStatus: 200, responseTruncated: true, responseEnd: 'broken' });
    expect(TEXT.startsWith(result.responseBody!)).toBe(true);
  });

  it('that is none does not hide the status', async () => {
    for (const coding of ['gzip', 'deflate', 'br', 'gzip, gzip']) {
      const result = await against(answering('plain text', `content-encoding: ${coding}\r\n`));
      expect(result).toMatchObject({ httpStatus: 200, responseBody: 'plain text', responseTruncated: true });
      const empty = await against(answering('', `content-encoding: ${coding}\r\n`));
      expect(empty).toMatchObject({ httpStatus: 200, responseBody: '' });
    }
  });

  it('in a coding that we do not know is kept as it came', async () => {
    const result = await against(answering('plain text', 'content-encoding: zstd\r\n'));
    expect(result).toMatchObject({ httpStatus: 200, responseBody: 'plain text' });
  });

  it.each([
    ['gzip', (bytes: Buffer) => gzipSync(bytes)],
    ['br', (bytes: Buffer) => brotliCompressSync(bytes)],
    ['gzip, gzip', (bytes: Buffer) => gzipSync(gzipSync(bytes))],
  ])('that is a bomb costs no memory (%s)', async (coding, compress) => {
    const bomb = compress(Buffer.alloc(50 * 1024 * 1024, 'a'));
    const before = process.memoryUsage();
    const result = await against(answering(bomb, `content-encoding: ${coding}\r\n`));
    const after = process.memoryUsage();
    expect(result).toMatchObject({
      httpStatus: 200,
      responseBody: 'a'.repeat(KEPT),
      responseTruncated: true,
    });
    expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(
      20 * 1024 * 1024,
    );
  });

  it('is never inflated beyond its limit', async () => {
    const bomb = gzipSync(Buffer.alloc(30 * 1024 * 1024));
    const start = performance.now();
    gunzipSync(bomb);
    const wholeMs = performance.now() - start;
    const limitedMs: number[] = [];
    for (let i = 0; i < 5; i++) {
      const begin = performance.now();
      const { bytes, isWhole } = await decode(bomb, ['gzip'], 1_000);
      limitedMs.push(performance.now() - begin);
      expect([bytes.length, isWhole]).toEqual([1_000, false]);
    }
    expect(Math.min(...limitedMs)).toBeLessThan(wholeMs / 3);
  });
});

describe('response headers', () => {
  it('are kept within limits', async () => {
    const many = Array.from({ length: 200 }, (_, i) => `x-${i}: ${i}\r\n`).join('');
    const result = await against(answering('', many));
    expect(Object.keys(result.responseHeaders!)).toHaveLength(64);
    expect(result.responseTruncated).toBe(true);
    const large = await against(answering('', `x-1: ${'a'.repeat(7_000)}\r\nx-2: ${'b'.repeat(7_000)}\r\n`));
    expect(Object.keys(large.responseHeaders!)).toEqual(['x-1']);
  });

  it('may repeat and may have names that mean something to JavaScript', async () => {
    const odd = 'Set-Cookie: a=1\r\nset-cookie: b=2\r\n__proto__: x\r\nconstructor: y\r\n';
    const result = await against(answering('', odd));
    expect(result.responseHeaders).toMatchObject({ 'set-cookie': ['a=1', 'b=2'] });
    expect(Object.getPrototypeOf(result.responseHeaders)).toBe(Object.prototype);
    expect(Object.entries(result.responseHeaders!)).toContainEqual(['constructor', 'y']);
  });
});
