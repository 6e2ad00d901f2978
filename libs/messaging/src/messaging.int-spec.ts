import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CONSUMERS, STREAMS, SUBJECTS } from '@kirisan/contracts';
import { type NatsServer, startTestNats, waitFor } from '@kirisan/local-stack';
import { PermanentError, TransientError } from '@kirisan/service';
import { connectNats } from './connection/connect.js';
import { Messaging } from './connection/messaging.js';
import { StreamReader } from './consume/stream-reader.js';
import { Lease } from './lease/lease.js';
import { applyTopology } from './topology/apply-topology.js';

// Real: nats-server with JetStream on disk. Nothing is doubled.
let nats: NatsServer;
let messaging: Messaging;
const readers: StreamReader[] = [];
const bytes = (text: string) => Buffer.from(text);

beforeAll(async () => {
  nats = await startTestNats();
  messaging = new Messaging(await connectNats({ natsUrl: nats.url, natsUser: '', natsPassword: '' }));
  await applyTopology(messaging, { replicas: 1 });
});
afterAll(async () => {
  await messaging?.close();
  await nats?.stop();
});
beforeEach(async () => {
  for (const reader of readers.splice(0)) await reader.stop();
  const manager = await messaging.manager();
  for (const name of Object.keys(STREAMS)) await manager.streams.purge(name);
});

function read(handle: (text: string) => Promise<void>): StreamReader {
  const reader = new StreamReader({
    messaging,
    spec: CONSUMERS.router,
    concurrency: 4,
    handle: (_subject, data) => handle(Buffer.from(data).toString()),
  });
  readers.push(reader);
  reader.start();
  return reader;
}
const stored = async (stream: string) =>
  (await (await messaging.manager()).streams.info(stream)).state.messages;
const within = (ms: number, what: string) => ({ timeoutMs: ms, what });

describe('topology', () => {
  it('is applied twice without harm', async () => {
    await messaging.publish(SUBJECTS.events('whatsapp'), bytes('kept'));
    await applyTopology(messaging, { replicas: 1 });
    expect(await stored('EVENTS')).toBe(1);
  });
});

describe('publishing', () => {
  it('throws TransientError when no stream takes it', async () => {
    await expect(messaging.publish('nowhere.at.all', bytes('x'))).rejects.toThrow(TransientError);
  });

  it('throws PermanentError for what the server can never take', async () => {
    await expect(messaging.publish(SUBJECTS.routed, Buffer.alloc(9_000_000))).rejects.toThrow(PermanentError);
  });
});

describe('reading a stream', () => {
  it('acknowledges what was handled: it leaves the stream', async () => {
    const seen: string[] = [];
    read(async (text) => void seen.push(text));
    for (const text of ['a', 'b', 'c']) await messaging.publish(SUBJECTS.events('whatsapp'), bytes(text));
    await waitFor(async () => (await stored('EVENTS')) === 0, within(5_000, 'an empty stream'));
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('tries again after a transient error', async () => {
    let tries = 0;
    read(async () => {
      if (++tries < 3) throw new TransientError('away');
    });
    await messaging.publish(SUBJECTS.events('whatsapp'), bytes('a'));
    await waitFor(async () => (await stored('EVENTS')) === 0, within(8_000, 'an empty stream'));
    expect(tries).toBe(3);
    expect(await stored('DEAD_LETTERS')).toBe(0);
  });

  it('sets a wrong message aside with its reason, and its neighbours go on', async () => {
    const seen: string[] = [];
    read(async (text) => {
      if (text === 'bad') throw new PermanentError('field x is missing');
      seen.push(text);
    });
    for (const text of ['bad', 'good']) await messaging.publish(SUBJECTS.events('whatsapp'), bytes(text));
    await waitFor(async () => (await stored('EVENTS')) === 0, within(5_000, 'an empty stream'));
    expect(seen).toEqual(['good']);
    const dead = await (
      await messaging.manager()
    ).streams.getMessage('DEAD_LETTERS', {
      last_by_subj: SUBJECTS.deadLetter('EVENTS'),
    });
    expect(dead?.header.get('Kirisan-Reason')).toBe('field x is missing');
    expect(Buffer.from(dead!.data).toString()).toBe('bad');
  });

  it('keeps a message that takes longer than the acknowledgement wait', async () => {
    let handled = 0;
    read(async () => {
      handled++;
      await new Promise((resolve) => setTimeout(resolve, 12_000));
    });
    await messaging.publish(SUBJECTS.events('whatsapp'), bytes('slow'));
    await waitFor(
      async () => handled > 0 && (await stored('EVENTS')) === 0,
      within(16_000, 'the end of slow work'),
    );
    expect(handled).toBe(1);
  }, 30_000);

  it('goes on after the server was killed and came back', async () => {
    const seen: string[] = [];
    read(async (text) => void seen.push(text));
    await messaging.publish(SUBJECTS.events('whatsapp'), bytes('before'));
    await waitFor(() => seen.length === 1, within(5_000, 'the first message'));
    await nats.kill();
    await waitFor(() => !messaging.connected, within(5_000, 'the loss to be noticed'));
    await expect(messaging.publish(SUBJECTS.events('whatsapp'), bytes('lost'))).rejects.toThrow(
      TransientError,
    );
    await nats.restart();
    await waitFor(() => messaging.connected, within(10_000, 'the reconnection'));
    await messaging.publish(SUBJECTS.events('whatsapp'), bytes('after'));
    await waitFor(() => seen.includes('after'), within(20_000, 'the message after'));
  }, 60_000);
});

describe('Lease', () => {
  it('lets one of two copies run, and the other when the first stops', async () => {
    const running = new Set<string>();
    let most = 0;
    const hold = (owner: string, stop: AbortController) =>
      new Lease(messaging, 'test.thing', owner).hold(async (held) => {
        running.add(owner);
        most = Math.max(most, running.size);
        await new Promise<void>((resolve) => held.addEventListener('abort', () => resolve()));
        running.delete(owner);
      }, stop.signal);
    const stops = { a: new AbortController(), b: new AbortController() };
    const a = hold('a', stops.a);
    await waitFor(() => running.has('a'), within(5_000, 'the first holder'));
    const b = hold('b', stops.b);
    stops.a.abort();
    await a;
    await waitFor(() => running.has('b'), within(8_000, 'the second holder'));
    stops.b.abort();
    await b;
    expect(most).toBe(1);
  }, 30_000);
});
