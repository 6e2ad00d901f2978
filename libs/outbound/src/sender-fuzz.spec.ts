import { afterAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RawServer } from './testing/raw-server.js';
import { loopbackSender, post } from './testing/senders.js';

type Ending = 'end' | 'resetAndDestroy' | 'stay';
interface Script {
  pieces: Buffer[];
  ending: Ending;
}

const FRAGMENTS = [
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n',
  'HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n',
  'HTTP/1.0 200 OK\r\n',
  'HTTP/1.1 000 X\r\n\r\n',
  'HTTP/1.1 999 X\r\ncontent-length: 0\r\n\r\n',
  'content-length: 2\r\n',
  'content-length: 0\r\n',
  'transfer-encoding: chunked\r\n',
  'transfer-encoding: gzip, chunked\r\n',
  'connection: close\r\n',
  'connection: upgrade\r\nupgrade: websocket\r\n',
  'keep-alive: timeout=0\r\n',
  'content-encoding: gzip\r\n',
  '2\r\nok\r\n',
  '0\r\n\r\n',
  'ffffffffffffffff\r\n',
  'x: y\r\n',
  '\r\n',
  '\n',
  '\r',
  ' ',
  ':',
  'ok',
];

const piece = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...FRAGMENTS).map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)) },
);
const script: fc.Arbitrary<Script> = fc.record({
  pieces: fc.array(piece, { maxLength: 12 }),
  ending: fc.constantFrom<Ending>('end', 'resetAndDestroy', 'stay'),
});

const sender = loopbackSender({ idleMs: 20 });
let current: Script = { pieces: [], ending: 'end' };
const server = await RawServer.answering((socket) => {
  const { pieces, ending } = current;
  const next = (index: number) => {
    const bytes = pieces[index];
    if (bytes !== undefined) socket.write(bytes, () => setImmediate(next, index + 1));
    else if (ending !== 'stay') socket[ending]();
  };
  next(0);
}).start();
afterAll(async () => {
  await sender.close(0);
  await server.stop();
});

it('every answer ends in one honest result, whatever the bytes', async () => {
  await fc.assert(
    fc.asyncProperty(script, async (random) => {
      current = random;
      const before = server.requests;
      const result = await post(sender, server.url, { timeoutMs: 40 });
      if (result.verdict === 'not_sent') expect(server.requests).toBe(before);
      expect(result.error === undefined).toBe(result.verdict === 'answered');
      expect(result.error?.code).not.toBe('internal');
      if (result.verdict === 'answered') {
        expect(result.httpStatus).toBeGreaterThanOrEqual(200);
        expect(Buffer.concat(random.pieces).toString('latin1')).toContain(` ${result.httpStatus}`);
      }
      expect(sender.stats().inFlight).toBe(0);
    }),
    { numRuns: 250 },
  );
});
