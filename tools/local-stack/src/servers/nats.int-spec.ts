import { execFileSync } from 'node:child_process';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../free-port.js';
import { temporaryDir } from '../testing/temporary-dir.js';
import { startTestNats } from '../testing/test-servers.js';
import { waitFor } from '../wait-for.js';
import { natsLogin, startNats, type NatsServer } from './nats.js';
import { PortTakenError } from './port-taken.error.js';

const servers: NatsServer[] = [];
const connections: NatsConnection[] = [];

async function start(options: Parameters<typeof startTestNats>[0] = {}): Promise<NatsServer> {
  const server = await startTestNats(options);
  servers.push(server);
  return server;
}

async function client(server: NatsServer, url = server.url): Promise<NatsConnection> {
  const connection = await connect({ ...natsLogin(url), reconnect: false });
  connections.push(connection);
  return connection;
}

afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
  for (const server of servers.splice(0)) await server.stop();
});

describe('startNats', () => {
  it('keeps a stream over kill -9 and a restart on the same port', async () => {
    const server = await start();
    const before = await client(server);
    await (await jetstreamManager(before)).streams.add({ name: 'S', subjects: ['s'] });
    await jetstream(before).publish('s', 'kept');
    const { port } = server;
    await server.kill();
    await server.restart();
    expect(server.port).toBe(port);
    const manager = await jetstreamManager(await client(server));
    expect((await manager.streams.info('S')).state.messages).toBe(1);
  });

  it('holds each user to its rights', async () => {
    const admin = { user: 'admin', password: 'a b:c@d' };
    const reader = { user: 'reader', password: 'p', publish: [], subscribe: ['news.>'] };
    const server = await start({ users: [admin, reader] });
    await client(server);
    const url = server.url.replace(/\/\/.*@/, '//reader:p@');
    const reading = await client(server, url);
    const denied = waitForError(reading);
    reading.publish('anything', '');
    await expect(denied).resolves.toMatch(/permission/i);
    await expect(client(server, url.replace(':p@', ':wrong@'))).rejects.toThrow(/authorization/i);
  });

  it('is silent while paused and goes on where it was', async () => {
    const server = await start();
    const connection = await client(server);
    server.pause();
    const stopped = () => execFileSync('ps', ['-o', 'stat=', '-p', String(server.pid)], { encoding: 'utf8' });
    await waitFor(() => stopped().includes('T'), { what: 'the signal to have its effect' });
    const answer = connection.rtt();
    const state = await Promise.race([
      answer.then(() => 'answered'),
      new Promise((r) => setTimeout(r, 300, 'silent')),
    ]);
    server.resume();
    expect(state).toBe('silent');
    await answer;
  });

  it('stops even while paused', async () => {
    const server = await start();
    server.pause();
    await server.stop();
  });

  it('says which port is taken', async () => {
    const first = await start();
    const dir = temporaryDir('nats');
    await expect(startNats({ dir, port: first.port })).rejects.toThrow(PortTakenError);
  });

  it('forms a cluster that holds three replicas', async () => {
    const peers = [await freePort(), await freePort(), await freePort()];
    const nodes = await Promise.all(
      peers.map((port, n) => start({ serverName: `n${n}`, cluster: { name: 'c', port, peers } })),
    );
    const connection = await client(nodes[0] as NatsServer);
    const info = await waitFor(
      async () =>
        (await jetstreamManager(connection)).streams.add({ name: 'R', subjects: ['r'], num_replicas: 3 }),
      { timeoutMs: 15_000, intervalMs: 200, what: 'a stream of three replicas' },
    );
    expect(info.config.num_replicas).toBe(3);
  });
});

async function waitForError(connection: NatsConnection): Promise<string> {
  for await (const status of connection.status()) {
    if (status.type === 'error') return String(status.error);
  }
  return 'closed';
}
