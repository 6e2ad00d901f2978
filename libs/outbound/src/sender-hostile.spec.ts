import { afterEach, describe, expect, it } from '@jest/globals';
import type { Socket } from 'node:net';
import type { SendResult } from './send-result.js';
import type { Sender } from './sender.js';
import { RawServer } from './testing/raw-server.js';
import { earnTrust, loopbackSender, pause, post } from './testing/senders.js';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function sender(): Sender {
  const made = loopbackSender();
  cleanUps.push(() => made.close(0));
  return made;
}

async function serve(server: RawServer): Promise<RawServer> {
  cleanUps.push(() => server.stop());
  return server.start();
}

/** Answers one POST with whatever the function does, and says what became of it. */
async function against(
  answer: string | Buffer | ((socket: Socket) => void),
  timeoutMs = 5_000,
): Promise<SendResult & { ms: number }> {
  const server = await serve(RawServer.answering(answer));
  const start = performance.now();
  const result = await post(sender(), server.url, { timeoutMs });
  const ms = performance.now() - start;
  await pause(10);
  expect(server.requests).toBe(1);
  return { ...result, ms };
}

function summary(result: SendResult): (string | number | undefined)[] {
  return [result.verdict, result.error?.code ?? result.httpStatus];
}

/** Writes the text every `ms` until the connection ends. */
function drip(socket: Socket, text: string, ms = 10): void {
  const timer = setInterval(() => socket.write(text), ms);
  socket.once('close', () => clearInterval(timer));
}

describe('an answer that is no HTTP', () => {
  it.each([
    ['status 000', 'HTTP/1.1 000 Zero\r\ncontent-length: 0\r\n\r\n'],
    ['status 099', 'HTTP/1.1 099 Low\r\ncontent-length: 0\r\n\r\n'],
    ['status 2000', 'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n'],
    ['status 20', 'HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n'],
    ['status -1', 'HTTP/1.1 -1 OK\r\ncontent-length: 0\r\n\r\n'],
    ['status 2xx', 'HTTP/1.1 2xx OK\r\ncontent-length: 0\r\n\r\n'],
    ['no status', 'HTTP/1.1 \r\n\r\n'],
    ['an SSH banner', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['an SMTP banner', '220 mail.example.com ESMTP\r\n'],
    ['a TLS alert', Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x16])],
    ['NULs', Buffer.alloc(100)],
    ['HTTP/0.9', '<html>hello</html>'],
    ['an HTTP/2 preface', Buffer.from('000012040000000000000300000064000400600000000600004000', 'hex')],
    ['an HTTP request', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['two different lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok'],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\nok'],
    ['a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nok'],
    ['an endless length', `HTTP/1.1 200 OK\r\ncontent-length: ${'9'.repeat(40)}\r\n\r\nok`],
    [
      'a length besides chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['NUL in a header', 'HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n'],
    ['a space in a header name', 'HTTP/1.1 200 OK\r\nx y: a\r\ncontent-length: 0\r\n\r\n'],
    ['an upgrade nobody asked for', 'HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'],
    ['an upgrade to nothing', 'HTTP/1.1 101 X\r\n\r\n'],
    ['a head beyond all limits', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(40_000)}\r\ncontent-length: 0\r\n\r\n`],
  ])('%s: bad_response', async (_what, answer) => {
    const result = await against(answer);
    expect(summary(result)).toEqual(['sent_no_answer', 'bad_response']);
    expect(result.ms).toBeLessThan(4_000);
  });

  it('is cut off if it never ends before a status', async () => {
    const flood = (text: string) => (socket: Socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(text.repeat(1_000)));
      };
      socket.on('drain', more);
      more();
    };
    const reason = await against((socket) => {
      socket.write('HTTP/1.1 200 ');
      flood('long reason ')(socket);
    });
    expect(summary(reason)).toEqual(['sent_no_answer', 'bad_response']);
    const blank = await against(flood('\r\n'), 500);
    expect(summary(blank)).toEqual(['sent_no_answer', 'timeout']);
  });
});

describe('interim answers', () => {
  it.each([
    ['100 Continue', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['103 Early Hints with headers', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\nlink: </b>\r\n\r\n'],
    ['several', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nx: y\r\n\r\nHTTP/1.1 100 C\r\n\r\n'],
  ])('%s come before the final one', async (_what, interim) => {
    const whole = await against(interim + OK);
    expect([whole.httpStatus, whole.responseBody]).toEqual([200, 'ok']);
    expect(whole.responseHeaders).toEqual({ 'content-length': '2' });
    const byteByByte = await against((socket) => {
      let delay = 0;
      for (const byte of interim + OK) setTimeout(() => socket.write(byte), (delay += 1));
    });
    expect([byteByByte.httpStatus, byteByByte.responseBody]).toEqual([200, 'ok']);
  });

  it.each(['100', '102', '103', '199'])('without end are cut off at the timeout: %s', async (status) => {
    const result = await against((socket) => drip(socket, `HTTP/1.1 ${status} Wait\r\nx: y\r\n\r\n`), 400);
    expect(summary(result)).toEqual(['sent_no_answer', 'timeout']);
    expect(result.durationMs).toBeGreaterThanOrEqual(395);
  });

  it('in a storm neither occupy the process nor end before the timeout', async () => {
    let written = 0;
    const storm = 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(2_000);
    const before = process.cpuUsage();
    const result = await against((socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(storm)) written += storm.length;
      };
      socket.on('drain', more);
      more();
    }, 1_000);
    const cpuMs = (process.cpuUsage(before).user + process.cpuUsage(before).system) / 1_000;
    expect(summary(result)).toEqual(['sent_no_answer', 'timeout']);
    expect(written).toBeLessThan(20 * 1024 * 1024);
    expect(cpuMs).toBeLessThan(900);
  });

  it('in moderate number only delay the final one', async () => {
    const result = await against('HTTP/1.1 103 Hints\r\n\r\n'.repeat(500) + OK);
    expect(summary(result)).toEqual(['answered', 200]);
  });
});

describe('slow answers', () => {
  it.each([
    ['nothing at all', () => undefined],
    ['a status line byte by byte', (socket: Socket) => drip(socket, 'H')],
    ['half a status line', (socket: Socket) => socket.write('HTTP/1.1 200')],
    [
      'a head that never ends',
      (socket: Socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        drip(socket, 'x: y\r\n');
      },
    ],
  ])('%s: cut off at the timeout', async (what, answer) => {
    const result = await against(answer as (socket: Socket) => void, 300);
    if (what.includes('byte by byte')) expect(result.verdict).toBe('sent_no_answer');
    else expect(summary(result)).toEqual(['sent_no_answer', 'timeout']);
    expect(result.ms).toBeLessThan(2_000);
  });

  it.each([
    ['a body that drips', 'HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n', 'x'],
    ['chunks that drip', 'HTTP/1.1 201 OK\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\nx\r\n'],
    ['a body without length that drips', 'HTTP/1.1 500 OK\r\n\r\n', 'x'],
    [
      'trailers that drip',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n',
      'x: y\r\n',
    ],
  ])('%s: the status counts, at the timeout', async (_what, head, more) => {
    const result = await against((socket) => {
      socket.write(head);
      drip(socket, more);
    }, 300);
    expect(summary(result)).toEqual(['answered', Number(head.slice(9, 12))]);
    expect(result).toMatchObject({ responseEnd: 'timeout', responseTruncated: true });
    expect(result.responseBody).toMatch(/^x+$/);
    expect(result.durationMs).toBeGreaterThanOrEqual(295);
    expect(result.ms).toBeLessThan(2_000);
  });
});

describe('a connection that ends', () => {
  it('right after it was accepted is never an answer', async () => {
    for (const how of ['end', 'destroy', 'resetAndDestroy'] as const) {
      const server = await serve(new RawServer((socket) => socket[how]()));
      const result = await post(sender(), server.url);
      expect(['not_sent', 'sent_no_answer']).toContain(result.verdict);
      expect(['closed', 'reset', 'connect_failed']).toContain(result.error?.code);
    }
  });

  it('before anything was written is not sent', async () => {
    const server = await serve(new RawServer((socket) => socket.end('HTTP/1.1 400 Go away\r\n\r\n')));
    const result = await post(sender(), server.url);
    // Either it was seen in time, or the request crossed it: both must be told honestly.
    const wasSent = server.received.join('') !== '';
    if (!wasSent) expect(['not_sent', 'sent_no_answer', 'answered']).toContain(result.verdict);
    else expect(['sent_no_answer', 'answered']).toContain(result.verdict);
  });

  it.each([
    ['FIN', 'end', 'closed'],
    ['RST', 'resetAndDestroy', 'reset'],
  ] as const)('with %s after the request has no answer', async (_what, how, code) => {
    expect(summary(await against((socket) => void socket[how]()))).toEqual(['sent_no_answer', code]);
  });

  it.each([
    ['FIN', 'end', 'closed'],
    ['RST', 'resetAndDestroy', 'reset'],
  ] as const)('with %s in the head has no answer', async (_what, how, code) => {
    const result = await against((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nconte', () => setTimeout(() => socket[how](), 20)),
    );
    expect(summary(result)).toEqual(['sent_no_answer', code]);
  });

  it.each([
    ['FIN', 'end', 'content-length: 100'],
    ['RST', 'resetAndDestroy', 'content-length: 100'],
    ['FIN', 'end', 'transfer-encoding: chunked'],
    ['RST', 'resetAndDestroy', 'transfer-encoding: chunked'],
  ] as const)('with %s in the body keeps its status (%s, %s)', async (_what, how, framing) => {
    const body = framing.includes('chunked') ? '4\r\nhalf\r\n' : 'half';
    const result = await against((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n${body}`, () => setTimeout(() => socket[how](), 20)),
    );
    expect(summary(result)).toEqual(['answered', 200]);
    expect(result).toMatchObject({ responseBody: 'half', responseTruncated: true, responseEnd: 'broken' });
  });

  it('with FIN ends a body that has no length', async () => {
    const result = await against((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'));
    expect(result).toMatchObject({
      responseBody: 'all of it',
      responseTruncated: false,
      responseEnd: 'complete',
    });
  });

  it('with FIN is not mistaken for a complete chunked body', async () => {
    const result = await against((socket) =>
      socket.end('HTTP/1.1 201 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
    );
    expect(summary(result)).toEqual(['answered', 201]);
    expect(result.responseTruncated).toBe(true);
  });
});

describe('an answer that comes early', () => {
  it('counts although the request has not been read', async () => {
    const server = await serve(
      new RawServer((socket) => {
        socket.once('data', () => {
          if (server.received.length === 1) return void socket.write(OK);
          socket.pause();
          socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig');
        });
      }),
    );
    const one = sender();
    await earnTrust(one, server.url);
    const result = await post(one, server.url, { body: 'x'.repeat(20 * 1024 * 1024) });
    expect(summary(result)).toEqual(['answered', 413]);
    // The rest of the request is still on its way: nothing else may be put behind it.
    await pause(20);
    expect(one.stats().idleConnections).toBe(0);
  });
});

describe('more than one answer', () => {
  /** Answers the first request well, and the later ones with something more. */
  async function trustedThen(answer: (socket: Socket) => void): Promise<{ server: RawServer; one: Sender }> {
    const server = await serve(
      RawServer.answering((socket) => {
        if (server.requests === 1) socket.write(OK);
        else answer(socket);
      }),
    );
    const one = sender();
    await earnTrust(one, server.url);
    return { server, one };
  }

  it.each(['HTTP/1.1 500 Smuggled\r\ncontent-length: 0\r\n\r\n', 'garbage'])(
    'makes the connection unusable, and the next POST gets its own answer: %j',
    async (extra) => {
      const { server, one } = await trustedThen((socket) => socket.write(OK + extra));
      for (let i = 0; i < 3; i++) {
        expect(summary(await post(one, server.url))).toEqual(['answered', 200]);
        await pause(15);
      }
      expect(one.stats()).toMatchObject({ opened: 4, reused: 0 });
    },
  );

  it('is noticed while the connection is idle', async () => {
    const { server, one } = await trustedThen((socket) => {
      socket.write(OK);
      setTimeout(() => socket.write('HTTP/1.1 500 Late\r\ncontent-length: 0\r\n\r\n'), 10);
    });
    expect(summary(await post(one, server.url))).toEqual(['answered', 200]);
    await pause(40);
    expect(one.stats().connections).toBe(0);
    expect(summary(await post(one, server.url))).toEqual(['answered', 200]);
  });
});
