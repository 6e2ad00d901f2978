import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SendResult } from './send-result.js';
import type { Sender } from './sender.js';
import { onRequest, RawServer } from './testing/raw-server.js';
import { earnTrust, loopbackSender, pause, post } from './testing/senders.js';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function sender(...options: Parameters<typeof loopbackSender>): Sender {
  const made = loopbackSender(...options);
  cleanUps.push(() => made.close(0));
  return made;
}

async function started(server: RawServer): Promise<RawServer> {
  cleanUps.push(() => server.stop());
  return server.start();
}

function code(result: SendResult): [string, string | undefined] {
  return [result.verdict, result.error?.code];
}

describe('one POST', () => {
  it('writes exactly the headers that it was given, and what HTTP needs', async () => {
    const server = await started(RawServer.answering(OK));
    const result = await post(sender(), `${server.url}?a=b#fragment`, {
      headers: { 'Content-Type': 'application/json', 'X-Webhook-Secret': 'a\u00e9 b' },
      body: '{"text":"é"}',
    });
    expect(server.received).toEqual([
      'POST /hook?a=b HTTP/1.1\r\n' +
        `host: 127.0.0.1:${server.port}\r\n` +
        'connection: keep-alive\r\n' +
        'Content-Type: application/json\r\n' +
        'X-Webhook-Secret: a\u00e9 b\r\n' +
        'content-length: 13\r\n\r\n' +
        Buffer.from('{"text":"é"}').toString('latin1'),
    ]);
    expect(result).toMatchObject({
      verdict: 'answered',
      httpStatus: 200,
      responseBody: 'ok',
      responseTruncated: false,
      responseEnd: 'complete',
      responseHeaders: { 'content-length': '2' },
    });
    expect(result.error).toBeUndefined();
    expect(result.durationMs).toBe(result.timings.totalMs);
    expect(result.timings.connectMs).toBeGreaterThanOrEqual(0);
    expect(result.timings.firstByteMs).toBeLessThanOrEqual(result.durationMs);
  });

  it('takes bytes as a body, and none at all', async () => {
    const server = await started(RawServer.answering(OK));
    await post(sender(), server.url, { body: new Uint8Array([0, 255, 10]).subarray(1) });
    await post(sender(), server.url, { body: '' });
    expect(server.received[0]).toMatch(/content-length: 2\r\n\r\n\u00ff\n$/);
    expect(server.received[1]).toMatch(/content-length: 0\r\n\r\n$/);
  });

  it.each([201, 202, 204, 301, 302, 307, 308, 400, 404, 410, 429, 500, 503, 599, 600, 999])(
    'is made once and follows nothing: %i',
    async (status) => {
      const elsewhere = await started(RawServer.answering(OK));
      const server = await started(
        RawServer.answering(
          `HTTP/1.1 ${status} X\r\nlocation: ${elsewhere.url}\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n`,
        ),
      );
      const result = await post(sender(), server.url);
      expect([result.verdict, result.httpStatus]).toEqual(['answered', status]);
      await pause(20);
      expect([server.requests, elsewhere.requests]).toEqual([1, 0]);
    },
  );
});

describe('before anything is sent', () => {
  it.each([
    ['http://10.0.0.1/', 'target_not_allowed'],
    ['http://169.254.169.254/latest/meta-data/', 'target_not_allowed'],
    ['http://0x0a000001/', 'target_not_allowed'],
    ['http://[::ffff:127.0.0.1]/', 'target_not_allowed'],
    ['http://user:pass@127.0.0.1/', 'url_credentials'],
    ['nonsense', 'url_invalid'],
  ])('%s is refused', async (url, error) => {
    const result = await post(sender(), url);
    expect(code(result)).toEqual(['not_sent', error]);
    expect(result.error?.message).not.toMatch(/\d/);
  });

  it.each([
    ['a line break', { 'X-A': 'a\r\nX-B: b' }],
    ['a lone line feed', { 'X-A': 'a\nb' }],
    ['NUL', { 'X-A': 'a\0b' }],
    ['a character beyond Latin-1', { 'X-A': '✓' }],
    ['an illegal name', { 'X A': 'a' }],
    ['an empty name', { '': 'a' }],
    ['a second host', { Host: 'example.com' }],
    ['a second length', { 'Content-Length': '1' }],
    ['another framing', { 'Transfer-Encoding': 'chunked' }],
    ['no value', { 'X-A': undefined as unknown as string }],
  ])('a header with %s is refused', async (_what, headers) => {
    const server = await started(RawServer.answering(OK));
    expect(code(await post(sender(), server.url, { headers }))).toEqual(['not_sent', 'request_invalid']);
    expect(server.received).toEqual([]);
  });

  it('a refused connection is not sent', async () => {
    const server = await new RawServer(() => undefined).start();
    await server.stop();
    const unused = `http://127.0.0.1:${(await started(new RawServer(() => undefined))).port}/`;
    await cleanUps.pop()!();
    expect(code(await post(sender(), unused))).toEqual(['not_sent', 'connect_refused']);
  });

  it('a POST that comes too late is not sent', async () => {
    const server = await started(RawServer.answering(OK));
    const late = { startBefore: performance.now() - 1 };
    expect(code(await post(sender(), server.url, late))).toEqual(['not_sent', 'claim_expired']);
    expect(server.received).toEqual([]);
    expect((await post(sender(), server.url, { startBefore: performance.now() + 5_000 })).verdict).toBe(
      'answered',
    );
  });

  it('a POST that became late while connecting is not sent', async () => {
    const server = await started(RawServer.answering(OK));
    const slow = sender();
    const waiting = post(slow, server.url, { startBefore: performance.now() + 20 });
    // The loop is held, as in a process that was frozen between connecting and writing.
    await new Promise((resolve) => setImmediate(resolve));
    const end = performance.now() + 40;
    while (performance.now() < end);
    expect(code(await waiting)).toEqual(['not_sent', 'claim_expired']);
    await pause(20);
    expect(server.received.join('')).toBe('');
  });

  it('a POST that became late while it waited for an idle connection is not sent', async () => {
    const server = await started(RawServer.answering(OK));
    const one = sender({ idleMs: 250 });
    await earnTrust(one, server.url);
    await post(one, server.url);
    await pause(20);
    const waiting = post(one, server.url, { startBefore: performance.now() + 5 });
    expect(one.stats().reused).toBe(1);
    const end = performance.now() + 20;
    while (performance.now() < end);
    expect(code(await waiting)).toEqual(['not_sent', 'claim_expired']);
    await pause(20);
    expect(server.requests).toBe(2);
  });
});

it('an answer that came in time counts, although the process was too busy to read it', async () => {
  const source = `
    require('node:net').createServer((socket) => socket.on('data', () => socket.write(${JSON.stringify(OK)})))
      .listen(0, '127.0.0.1', function () { require('node:worker_threads').parentPort.postMessage(this.address().port); });`;
  const worker = new Worker(source, { eval: true });
  cleanUps.push(() => worker.terminate());
  const [port] = (await once(worker, 'message')) as [number];
  const one = sender({ idleMs: 250 });
  await earnTrust(one, `http://127.0.0.1:${port}/`);
  await post(one, `http://127.0.0.1:${port}/`);
  await pause(20);
  const waiting = post(one, `http://127.0.0.1:${port}/`, { timeoutMs: 100 });
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const end = performance.now() + 200;
  while (performance.now() < end);
  expect((await waiting).httpStatus).toBe(200);
});

describe('several POSTs', () => {
  it('never wait for one that hangs, to the same origin or to another', async () => {
    const hanging = await started(RawServer.answering(() => undefined));
    const mixed = await started(
      RawServer.answering((socket) => {
        if (mixed.requests > 100) socket.write(OK);
      }),
    );
    const one = sender();
    const stuck = Array.from({ length: 100 }, () => post(one, hanging.url, { timeoutMs: 1_500 }));
    stuck.push(...Array.from({ length: 100 }, () => post(one, mixed.url, { timeoutMs: 1_500 })));
    await pause(300);
    const answered = await Promise.all(
      Array.from({ length: 20 }, () => post(one, mixed.url, { timeoutMs: 1_000 })),
    );
    expect(answered.map((result) => result.httpStatus)).toEqual(Array(20).fill(200));
    const codes = (await Promise.all(stuck)).map(code);
    expect(new Set(codes.map(String))).toEqual(new Set(['sent_no_answer,timeout']));
  });

  it('never share a connection at the same time', async () => {
    let mostAtOnce = 0;
    const server = await started(
      new RawServer((socket) => {
        let atOnce = 0;
        onRequest(socket, () => {
          mostAtOnce = Math.max(mostAtOnce, ++atOnce);
          setTimeout(() => {
            atOnce--;
            socket.write(OK);
          }, 5);
        });
      }),
    );
    const one = sender();
    const results = await Promise.all(Array.from({ length: 50 }, () => post(one, server.url)));
    expect(results.every((result) => result.httpStatus === 200)).toBe(true);
    expect(mostAtOnce).toBe(1);
  });
});

describe('closing', () => {
  it('waits for what is in flight and takes nothing new', async () => {
    const server = await started(RawServer.answering((socket) => setTimeout(() => socket.write(OK), 100)));
    const one = sender();
    const inFlight = post(one, server.url);
    const closed = one.close(5_000);
    expect(code(await post(one, server.url))).toEqual(['not_sent', 'shutting_down']);
    expect((await inFlight).httpStatus).toBe(200);
    await closed;
    expect(one.stats()).toMatchObject({ inFlight: 0, idleConnections: 0 });
  });

  it('ends at its deadline with an honest verdict for each', async () => {
    const hanging = await started(RawServer.answering(() => undefined));
    const half = await started(RawServer.answering('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'));
    const one = sender();
    const results = [post(one, hanging.url), post(one, half.url)];
    await pause(100);
    const late = post(one, 'http://late.localhost:1/');
    await one.close(50);
    expect((await Promise.all(results)).map(code)).toEqual([
      ['sent_no_answer', 'shutting_down'],
      ['answered', undefined],
    ]);
    expect((await late).verdict).toBe('not_sent');
    await pause(20);
    expect(one.stats()).toMatchObject({ inFlight: 0, connections: 0 });
  });
});
