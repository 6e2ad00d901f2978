import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Sender } from './sender.js';
import { RawServer } from './testing/raw-server.js';
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

async function answering(...answer: Parameters<typeof RawServer.answering>): Promise<RawServer> {
  const server = await RawServer.answering(...answer).start();
  cleanUps.push(() => server.stop());
  return server;
}

/** One server for each way and time, ms, in which it closes an idle connection; on a loop of its own. */
async function closingServers(ways: ['end' | 'resetAndDestroy', number][]): Promise<number[]> {
  const source = `
    const { createServer } = require('node:net');
    const { parentPort, workerData } = require('node:worker_threads');
    Promise.all(workerData.ways.map(([how, ms]) => new Promise((resolve) => {
      const server = createServer({ noDelay: true }, (socket) => {
        let timer;
        socket.on('error', () => {});
        socket.on('close', () => clearTimeout(timer));
        socket.on('data', () => {
          clearTimeout(timer);
          socket.write(workerData.OK);
          timer = setTimeout(() => socket[how](), ms);
        });
      });
      server.listen(0, '127.0.0.1', () => resolve(server.address().port));
    }))).then((ports) => parentPort.postMessage(ports));`;
  const worker = new Worker(source, { eval: true, workerData: { ways, OK } });
  cleanUps.push(() => worker.terminate());
  const [ports] = (await once(worker, 'message')) as [number[]];
  return ports;
}

describe('a server that closes idle connections', () => {
  const TIMES = [1, 4, 10, 20, 40, 60, 80, 98, 100, 120];
  const ways = (['end', 'resetAndDestroy'] as const).flatMap((how) =>
    TIMES.map((ms): ['end' | 'resetAndDestroy', number] => [how, ms]),
  );

  it('never costs a POST, however they are paced around it', async () => {
    const ports = await closingServers(ways);
    const one = sender();
    const lane = async (port: number, ms: number) => {
      const verdicts = new Set<string>();
      for (let i = 0; i < 20; i++) {
        verdicts.add((await post(one, `http://127.0.0.1:${port}/`)).verdict);
        await pause(Math.max(0, ms - 1 + (i % 4)));
      }
      return [...verdicts];
    };
    const lanes = ports.flatMap((port, i) => Array.from({ length: 4 }, () => lane(port, ways[i]![1])));
    expect(new Set((await Promise.all(lanes)).flat())).toEqual(new Set(['answered']));
  });

  it('later than we look is trusted', async () => {
    const [port] = await closingServers([['end', 2_000]]);
    const one = sender({ idleMs: 250 });
    await earnTrust(one, `http://127.0.0.1:${port}/`);
    for (let i = 0; i < 10; i++) {
      await post(one, `http://127.0.0.1:${port}/`);
      await pause(10);
    }
    expect(one.stats()).toMatchObject({ opened: 2, reused: 9 });
  });
});

describe('a probe', () => {
  it('is not passed because the process was too busy to see that the server closed', async () => {
    const [port] = await closingServers([['end', 20]]);
    const one = sender({ idleMs: 40 });
    const url = `http://127.0.0.1:${port}/`;
    await post(one, url);
    await new Promise((resolve) => setImmediate(resolve));
    const end = performance.now() + 200;
    while (performance.now() < end);
    while (one.stats().connections > 0) await pause(5);
    for (let i = 0; i < 3; i++) await post(one, url);
    await pause(5);
    expect(one.stats()).toMatchObject({ reused: 0, idleConnections: 0 });
  });
});

describe('a connection', () => {
  it('is not reused before its origin was seen to leave one open', async () => {
    const server = await answering(OK);
    const one = sender({ idleMs: 1_000 });
    for (let i = 0; i < 5; i++) {
      await post(one, server.url);
      await pause(5);
    }
    expect(one.stats()).toMatchObject({ opened: 5, reused: 0, idleConnections: 1 });
  });

  it('is reused by many POSTs once it was', async () => {
    const server = await answering(OK);
    const one = sender({ idleMs: 250 });
    await earnTrust(one, server.url);
    const lane = async () => {
      for (let i = 0; i < 100; i++) expect((await post(one, server.url)).httpStatus).toBe(200);
    };
    await Promise.all(Array.from({ length: 10 }, lane));
    expect(one.stats().reused).toBeGreaterThan(500);
    expect(server.requests).toBe(1_001);
  });

  it('is closed when nobody needs it', async () => {
    const server = await answering(OK);
    const one = sender({ idleMs: 250 });
    await earnTrust(one, server.url);
    await Promise.all(Array.from({ length: 20 }, () => post(one, server.url)));
    await pause(5);
    expect(one.stats()).toMatchObject({ connections: 20, idleConnections: 20 });
    while (one.stats().connections > 0) await pause(10);
    expect(one.stats().idleConnections).toBe(0);
  });

  it('that was closed meanwhile costs nothing', async () => {
    const server = await answering(OK);
    const one = sender({ idleMs: 250 });
    await earnTrust(one, server.url);
    for (const how of ['end', 'resetAndDestroy'] as const) {
      await post(one, server.url);
      await pause(10);
      for (const socket of server.sockets) socket[how]();
      expect((await post(one, server.url)).verdict).toBe('answered');
    }
  });

  it.each([
    ['connection: close', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok'],
    ['keep-alive: timeout=0', 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=0\r\ncontent-length: 2\r\n\r\nok'],
    [
      'keep-alive: timeout=1',
      'HTTP/1.1 200 OK\r\nkeep-alive: timeout=1, max=5\r\ncontent-length: 2\r\n\r\nok',
    ],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok'],
  ])('is not reused if the server says so: %s', async (_what, answer) => {
    const server = await answering((socket) => socket.write(server.requests === 1 ? OK : answer));
    const one = sender({ idleMs: 250 });
    await earnTrust(one, server.url);
    for (let i = 0; i < 3; i++) {
      expect((await post(one, server.url)).httpStatus).toBe(200);
      await pause(10);
    }
    expect(one.stats()).toMatchObject({ opened: 4, reused: 0, connections: 0 });
  });

  it('is not reused by an origin that lost a POST on one', async () => {
    const server = await answering((socket, requests) => {
      if (requests > 1) socket.resetAndDestroy();
      else socket.write(OK);
    });
    const one = sender({ idleMs: 250 });
    await earnTrust(one, server.url);
    await Promise.all([post(one, server.url), post(one, server.url), post(one, server.url)]);
    await pause(10);
    const verdicts = [];
    for (let i = 0; i < 5; i++) {
      verdicts.push((await post(one, server.url)).verdict);
      await pause(10);
    }
    expect(verdicts).toEqual(['sent_no_answer', 'answered', 'answered', 'answered', 'answered']);
  });
});

describe('many origins', () => {
  it('leave nothing behind', async () => {
    const server = await RawServer.answering(OK).start('0.0.0.0');
    cleanUps.push(() => server.stop());
    const one = sender({ idleMs: 20 });
    const { port } = server;
    for (let round = 0; round < 20; round++) {
      const hosts = Array.from({ length: 100 }, (_, i) => `http://127.1.${round}.${i}:${port}/`);
      const results = await Promise.all(hosts.map((url) => post(one, url)));
      expect(results.every((result) => result.httpStatus === 200)).toBe(true);
    }
    while (one.stats().connections > 0) await pause(10);
    expect(one.stats()).toMatchObject({ inFlight: 0, idleConnections: 0 });
  });
});
