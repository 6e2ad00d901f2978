import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import type { SendResult } from './send-result.js';
import type { Sender } from './sender.js';
import { testAuthority, testCertificate } from './testing/certificates.js';
import { FakeDns } from './testing/fake-dns.js';
import { onRequest, RawServer } from './testing/raw-server.js';
import { earnTrust, loopbackSender, pause, post } from './testing/senders.js';

/** Not the copy that a test sees: Node reads this one. */
const realEnvironment = (createServer.constructor('return process.env') as () => NodeJS.ProcessEnv)();

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const DAY_MS = 86_400_000;
const authority = testAuthority();
const good = testCertificate({ hosts: ['good.test', '127.0.0.1'], issuer: authority });

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface TlsServer {
  port: number;
  /** Server name that each connection asked for. */
  names: (string | false | null)[];
  requests: () => number;
}

async function tlsServer(options: TlsOptions, onSocket?: (socket: TLSSocket) => void): Promise<TlsServer> {
  const sockets = new Set<Socket>();
  const names: TlsServer['names'] = [];
  let requests = 0;
  const server = createServer({ ALPNProtocols: ['h2', 'http/1.1'], ...options }, (socket) => {
    names.push(socket.servername);
    socket.on('error', () => undefined);
    onRequest(socket, () => {
      requests++;
      if (onSocket === undefined) socket.write(OK);
      else onSocket(socket);
    });
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, names, requests: () => requests };
}

/** Every name is 127.0.0.1, and the test authority is trusted. */
async function sender(ca = [authority.cert]): Promise<Sender> {
  const dns = new FakeDns((_name, type) => ({ addresses: type === 'A' ? ['127.0.0.1'] : [] }));
  const made = loopbackSender({ idleMs: 250 }, { servers: [await dns.start()], ca });
  cleanUps.push(
    () => dns.stop(),
    () => made.close(0),
  );
  return made;
}

function summary(result: SendResult): (string | number | undefined)[] {
  return [result.verdict, result.error?.code ?? result.httpStatus];
}

describe('a valid certificate', () => {
  it('is checked for the name, which is also asked for', async () => {
    const server = await tlsServer(good);
    const result = await post(await sender(), `https://good.test:${server.port}/`);
    expect(summary(result)).toEqual(['answered', 200]);
    expect(result.timings.tlsMs).toBeGreaterThan(0);
    expect(server.names).toEqual(['good.test']);
  });

  it('may be for an address, and for a name with a trailing dot', async () => {
    const server = await tlsServer(good);
    const one = await sender();
    expect(summary(await post(one, `https://127.0.0.1:${server.port}/`))).toEqual(['answered', 200]);
    expect(summary(await post(one, `https://good.test.:${server.port}/`))).toEqual(['answered', 200]);
    expect(server.names).toEqual([false, 'good.test']);
  });

  it('is used by several POSTs on one connection', async () => {
    const server = await tlsServer(good);
    const one = await sender();
    await earnTrust(one, `https://good.test:${server.port}/`);
    for (let i = 0; i < 3; i++) {
      expect(summary(await post(one, `https://good.test:${server.port}/`))).toEqual(['answered', 200]);
      await pause(15);
    }
    expect(one.stats()).toMatchObject({ opened: 2, reused: 2 });
  });

  it('lets a session be resumed, but for its own name alone', async () => {
    const resumed: boolean[] = [];
    const server = await tlsServer(good, (socket) => {
      resumed.push(socket.isSessionReused());
      socket.end(OK);
    });
    const one = await sender();
    for (let i = 0; i < 3; i++) {
      await post(one, `https://good.test:${server.port}/`);
      await pause(10);
    }
    expect(resumed).toEqual([false, true, true]);
    expect(summary(await post(one, `https://other.test:${server.port}/`))).toEqual([
      'not_sent',
      'tls_certificate',
    ]);
  });
});

describe('a certificate that is not valid', () => {
  const CASES: [string, { cert: string; key: string }, RegExp][] = [
    [
      'expired',
      testCertificate({
        hosts: ['good.test'],
        issuer: authority,
        notAfter: new Date(Date.now() - DAY_MS / 2),
      }),
      /expired/,
    ],
    [
      'not valid yet',
      testCertificate({
        hosts: ['good.test'],
        issuer: authority,
        notBefore: new Date(Date.now() + DAY_MS),
        notAfter: new Date(Date.now() + 2 * DAY_MS),
      }),
      /not valid yet/,
    ],
    ['self-signed', testCertificate({ hosts: ['good.test'] }), /self-signed/],
    ['for another host', testCertificate({ hosts: ['evil.test'], issuer: authority }), /another host/],
    [
      'of an unknown authority',
      testCertificate({ hosts: ['good.test'], issuer: testAuthority() }),
      /not valid|authority/,
    ],
  ];

  it.each(CASES)(
    '%s: nothing is sent, whatever the environment says',
    async (_what, certificate, message) => {
      const server = await tlsServer(certificate);
      realEnvironment['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
      try {
        const one = await sender();
        for (let i = 0; i < 2; i++) {
          const result = await post(one, `https://good.test:${server.port}/`);
          expect(summary(result)).toEqual(['not_sent', 'tls_certificate']);
          expect(result.error?.message).toMatch(message);
          expect(result.error?.message).not.toContain('127.0.0.1');
        }
      } finally {
        delete realEnvironment['NODE_TLS_REJECT_UNAUTHORIZED'];
      }
      await pause(20);
      expect(server.requests()).toBe(0);
    },
  );

  it('of the test authority is not trusted without being told', async () => {
    const server = await tlsServer(good);
    const result = await post(await sender([]), `https://good.test:${server.port}/`);
    expect(summary(result)).toEqual(['not_sent', 'tls_certificate']);
  });
});

describe('a handshake that fails', () => {
  it.each([
    ['plain HTTP', (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['an alert', (socket: Socket) => socket.write(Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28]))],
    ['an SSH banner', (socket: Socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')],
    ['FIN', (socket: Socket) => socket.end()],
    ['RST', (socket: Socket) => socket.resetAndDestroy()],
  ])('with %s is not sent', async (_what, answer) => {
    const server = await new RawServer((socket) => socket.once('data', () => answer(socket))).start();
    cleanUps.push(() => server.stop());
    expect(summary(await post(await sender(), `https://good.test:${server.port}/`))).toEqual([
      'not_sent',
      'tls_failed',
    ]);
  });

  it('because it stalls ends at the timeout', async () => {
    const server = await new RawServer(() => undefined).start();
    cleanUps.push(() => server.stop());
    const one = await sender();
    const result = await post(one, `https://good.test:${server.port}/`, { timeoutMs: 300 });
    expect(summary(result)).toEqual(['not_sent', 'tls_timeout']);
    expect(result.durationMs).toBeLessThan(2_000);
    await pause(20);
    expect([...server.sockets].every((socket) => socket.readableEnded)).toBe(true);
  });

  it('because TLS is too old is not sent', async () => {
    const old = {
      ...good,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    } as TlsOptions;
    const server = await tlsServer(old);
    expect(summary(await post(await sender(), `https://good.test:${server.port}/`))).toEqual([
      'not_sent',
      'tls_failed',
    ]);
  });
});

describe('after the handshake', () => {
  it('the connection may break like any other', async () => {
    const cases: [(socket: TLSSocket) => unknown, unknown[]][] = [
      [(socket) => socket.end(), ['sent_no_answer', 'closed']],
      [(socket) => socket.destroy(), ['sent_no_answer', 'closed']],
      [(socket) => socket.write('garbage\r\n'), ['sent_no_answer', 'bad_response']],
      [(socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'), ['answered', 200]],
    ];
    for (const [answer, expected] of cases) {
      const server = await tlsServer(good, (socket) => void answer(socket));
      expect(summary(await post(await sender(), `https://good.test:${server.port}/`))).toEqual(expected);
    }
  });

  it('a server that asks for a client certificate answers nothing', async () => {
    const server = await tlsServer({
      ...good,
      requestCert: true,
      rejectUnauthorized: true,
      ca: [authority.cert],
    });
    const result = await post(await sender(), `https://good.test:${server.port}/`);
    // With TLS 1.3 the refusal comes after the request was written.
    expect(result.verdict).toBe('sent_no_answer');
    expect(server.requests()).toBe(0);
  });
});
