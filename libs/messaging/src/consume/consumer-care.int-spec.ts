import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CONSUMERS, SUBJECTS } from '@kirisan/contracts';
import { type NatsServer, startTestNats, waitFor } from '@kirisan/local-stack';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import { connectNats } from '../connection/connect.js';
import { Messaging } from '../connection/messaging.js';
import { applyTopology } from '../topology/apply-topology.js';
import { ConsumerCare } from './consumer-care.js';
import { StreamReader } from './stream-reader.js';

// Real: nats-server with JetStream on disk, whose files are changed while it is down.
let server: NatsServer;
let messaging: Messaging;
let seen: string[] = [];
const readers: StreamReader[] = [];
const spec = CONSUMERS.router;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestNats();
  messaging = new Messaging(await connectNats({ natsUrl: server.url, natsUser: '', natsPassword: '' }));
  await applyTopology(messaging, { replicas: 1 });
}, 60_000);
afterAll(async () => {
  await messaging?.close();
  await server?.stop();
});
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.stop();
  seen = [];
});

const publish = (text: string) => messaging.publish(SUBJECTS.events('waba'), Buffer.from(text));
const until = (what: string, check: () => boolean | Promise<boolean>) =>
  waitFor(check, { timeoutMs: 25_000, what });

function read(): void {
  const handle = async (_: string, data: Uint8Array) => void seen.push(Buffer.from(data).toString());
  const reader = new StreamReader({ messaging, spec, concurrency: 2, handle });
  readers.push(reader);
  reader.start();
}

async function withoutServer(change: () => void): Promise<void> {
  await server.kill();
  change();
  await server.start();
  await until('the connection', () => messaging.connected);
}

async function sequences(): Promise<{ delivered: number; last: number }> {
  const manager = await messaging.manager();
  const { delivered } = await manager.consumers.info(spec.stream, spec.name);
  return { delivered: delivered.stream_seq, last: (await manager.streams.info(spec.stream)).state.last_seq };
}

const streamDir = () =>
  ['jetstream/jetstream', 'jetstream']
    .map((path) => join(server.dir, path, '$G', 'streams', spec.stream))
    .find(existsSync)!;

describe('a consumer', () => {
  it('that is gone is made again, and its readers go on', async () => {
    read();
    read();
    await publish('before');
    await until('the first message', () => seen.length === 1);
    await (await messaging.manager()).consumers.delete(spec.stream, spec.name);
    await publish('after');
    await until('the message after', () => seen.length === 2);
    expect(seen).toEqual(['before', 'after']);
  }, 40_000);

  it('of a stream that was removed and made again by the migration is read on', async () => {
    read();
    await (await messaging.manager()).streams.delete(spec.stream);
    await applyTopology(messaging, { replicas: 1 });
    await publish('in the new stream');
    await until('the message', () => seen.length === 1);
  }, 40_000);

  it('whose stream was restored from an older copy is made anew, and misses nothing', async () => {
    const messages = join(streamDir(), 'msgs');
    const copy = `${messages}.older`;
    await withoutServer(() => cpSync(messages, copy, { recursive: true }));
    read();
    for (const text of ['a', 'b', 'c', 'd', 'e']) await publish(text);
    await until('all messages', () => seen.length === 5);
    await readers.pop()!.stop();
    await withoutServer(() => {
      rmSync(messages, { recursive: true });
      cpSync(copy, messages, { recursive: true });
    });
    read();
    await publish('x');
    await publish('y');
    await until('the messages after', () => seen.includes('x') && seen.includes('y'));
    expect(seen.slice(5)).toEqual(['x', 'y']);
  }, 60_000);

  // Servers that notice it by themselves do so only when they start. A start sequence is the way to have one running.
  it('that is ahead of its stream is made anew when it was found so twice', async () => {
    const manager = await messaging.manager();
    await manager.streams.delete(spec.stream);
    await manager.streams.add({ name: spec.stream, subjects: ['events.>'] });
    await manager.consumers.add(spec.stream, {
      durable_name: spec.name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: 1_000,
    });
    await publish('passed over');
    expect(await sequences()).toEqual({ delivered: 999, last: 1 });
    const copies = [new ConsumerCare(messaging, spec), new ConsumerCare(messaging, spec)];
    await Promise.all(copies.map((copy) => copy.look()));
    expect(await sequences()).toEqual({ delivered: 999, last: 1 });
    await copies[0]!.look();
    expect((await sequences()).delivered).toBe(0);
    const { created } = await manager.consumers.info(spec.stream, spec.name);
    for (const copy of [...copies, ...copies]) await copy.look();
    expect((await manager.consumers.info(spec.stream, spec.name)).created).toBe(created);
    read();
    await until('the message', () => seen.includes('passed over'));
    await readers.pop()!.stop();
    await manager.streams.delete(spec.stream);
    await applyTopology(messaging, { replicas: 1 });
  }, 40_000);
});
