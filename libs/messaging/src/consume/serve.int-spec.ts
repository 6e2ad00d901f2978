import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CONSUMERS, SUBJECTS } from '@kirisan/contracts';
import { type NatsServer, startTestNats, waitFor } from '@kirisan/local-stack';
import { createService, PermanentError, ServiceConfig, TransientError } from '@kirisan/service';
import { AckPolicy } from '@nats-io/jetstream';
import { Controller, Logger, Module, type OnModuleInit } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Messaging } from '../connection/messaging.js';
import { MessagingModule } from '../connection/messaging.module.js';
import { connectNats } from '../connection/connect.js';
import { applyTopology } from '../topology/apply-topology.js';
import { serveNats } from './serve.js';

const ERRORS: Record<string, () => Error> = {
  wrong: () => new PermanentError('it is wrong'),
  away: () => new TransientError('the database is away'),
};
const handled: string[] = [];
const asked: string[] = [];
let inits = 0;

@Controller()
class Handler implements OnModuleInit {
  onModuleInit(): void {
    inits++;
  }

  @EventPattern(SUBJECTS.routed)
  handle(@Payload() data: Uint8Array): void {
    const text = Buffer.from(data).toString();
    const isFirst = !handled.includes(text);
    handled.push(text);
    if (isFirst && ERRORS[text]) throw ERRORS[text]();
  }

  @MessagePattern(SUBJECTS.test)
  answer(@Payload() data: Uint8Array): { heard: string } {
    const text = Buffer.from(data).toString();
    asked.push(text);
    if (ERRORS[text]) throw ERRORS[text]();
    return { heard: text };
  }
}

@Module({ imports: [MessagingModule], controllers: [Handler] })
class TestModule {}

let server: NatsServer;
let messaging: Messaging;
let app: NestFastifyApplication;

beforeAll(async () => {
  server = await startTestNats();
  messaging = new Messaging(await connectNats({ natsUrl: server.url, natsUser: '', natsPassword: '' }));
  await applyTopology(messaging, { replicas: 1 });
  const config = Object.assign(new ServiceConfig(), { natsUrl: server.url, logLevel: 'fatal' });
  const consumers = [{ spec: CONSUMERS.deliveryWorker, concurrency: 4 }];
  const prepare = (made: NestFastifyApplication) => serveNats(made, { service: 'test', consumers });
  app = await createService(
    { name: 'test', config: ServiceConfig, module: () => TestModule, prepare },
    config,
  );
  Logger.overrideLogger(false);
  await app.startAllMicroservices();
}, 60_000);

afterAll(async () => {
  await app?.close();
  await messaging?.close();
  await server?.stop();
});

const stored = async (stream: string) =>
  (await (await messaging.manager()).streams.info(stream)).state.messages;
const publish = (text: string) => messaging.publish(SUBJECTS.routed, Buffer.from(text));
const times = (text: string) => handled.filter((one) => one === text).length;

describe('a message of a consumer', () => {
  it('leaves its stream when it was handled', async () => {
    await publish('fine');
    await waitFor(() => times('fine') === 1);
    await waitFor(async () => (await stored('DELIVERIES')) === 0);
  });

  it('is set aside at once when it is wrong', async () => {
    await publish('wrong');
    await waitFor(async () => (await stored('DEAD_LETTERS')) === 1);
    await waitFor(async () => (await stored('DELIVERIES')) === 0);
    expect(times('wrong')).toBe(1);
  });

  it('comes again when something is away, and is not set aside', async () => {
    await publish('away');
    await waitFor(() => times('away') === 2);
    await waitFor(async () => (await stored('DELIVERIES')) === 0);
    expect(await stored('DEAD_LETTERS')).toBe(1);
  });
});

describe('a request', () => {
  const ask = (text: string) => messaging.request(SUBJECTS.test, Buffer.from(text), { timeoutMs: 2_000 });

  it('is answered with what the handler returns', async () => {
    expect(JSON.parse(Buffer.from(await ask('hello')).toString())).toEqual({ heard: 'hello' });
  });

  it('is refused with the reason when the handler throws', async () => {
    await expect(ask('away')).rejects.toThrow('the database is away');
  });

  it('tells an error that will pass from one that never will', async () => {
    await expect(ask('away')).rejects.toThrow(TransientError);
    await expect(ask('wrong')).rejects.toThrow(PermanentError);
    await expect(ask('x'.repeat(9_000_000))).rejects.toThrow(PermanentError);
  });
});

it('is not taken from the server itself, which whoever may make a consumer can make deliver anywhere', async () => {
  await messaging.publish(SUBJECTS.deadLetter('EVENTS'), Buffer.from('forged'));
  const heard: string[] = [];
  messaging.nc.subscribe(SUBJECTS.test, { callback: (_error, message) => void heard.push(message.string()) });
  const thief = { name: 'thief', deliver_subject: SUBJECTS.test, ack_policy: AckPolicy.Explicit };
  await (await messaging.manager()).consumers.add('DEAD_LETTERS', thief);
  await waitFor(() => heard.includes('forged'));
  messaging.nc.publish(SUBJECTS.test, Buffer.from('without a reply'));
  await messaging.request(SUBJECTS.test, Buffer.from('after it'), { timeoutMs: 2_000 });
  expect(asked).toContain('after it');
  expect(asked).not.toContain('forged');
  expect(asked).not.toContain('without a reply');
});

it('starts the parts of the service once', () => {
  expect(inits).toBe(1);
});
