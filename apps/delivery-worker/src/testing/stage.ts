import { randomBytes, randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  BUCKETS,
  CONSUMERS,
  encodeRecords,
  type EndpointEntry,
  type EventRecord,
  matchId,
  type RoutedFacts,
  STREAMS,
  SUBJECTS,
} from '@kirisan/contracts';
import { BucketWriter, Directory, endpointKey, secretContext } from '@kirisan/directory';
import { type NatsServer, startTestNats, waitFor } from '@kirisan/local-stack';
import { applyTopology, connectNats, Messaging, serveNats } from '@kirisan/messaging';
import { createService, SecretBox } from '@kirisan/service';
import { DeliveryWorkerConfig } from '../delivery-worker.config.js';
import { DeliveryWorkerModule } from '../delivery-worker.module.js';
import { LogStub } from './log-stub.js';
import { Sink } from './sink.js';

const SECRET_KEYS = `k1:${randomBytes(32).toString('base64')}`;

/** A real nats-server, real workers and a real HTTP sink; the log service is a stub that keeps the token rule. */
export class Stage {
  readonly box = new SecretBox(SECRET_KEYS);
  readonly workers = new Set<NestFastifyApplication>();
  private readonly writer: BucketWriter;
  /** Of the directory, after the last change made here. */
  newestRevision = 0;

  private constructor(
    readonly nats: NatsServer,
    readonly messaging: Messaging,
    readonly log: LogStub,
    readonly sink: Sink,
  ) {
    this.writer = new BucketWriter(messaging, BUCKETS.directory);
  }

  static async start(): Promise<Stage> {
    Logger.overrideLogger(false);
    const nats = await startTestNats();
    const messaging = new Messaging(await connectNats({ natsUrl: nats.url, natsUser: '', natsPassword: '' }));
    await applyTopology(messaging, { replicas: 1 });
    return new Stage(nats, messaging, new LogStub(messaging), await Sink.start());
  }

  async stop(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => this.stopWorker(worker)));
    await this.log.stop();
    await this.messaging.close();
    await this.sink.stop();
    await this.nats.stop();
  }

  async startWorker(settings: Partial<DeliveryWorkerConfig> = {}): Promise<NestFastifyApplication> {
    const config = Object.assign(new DeliveryWorkerConfig(), {
      natsUrl: this.nats.url,
      internalToken: 'x'.repeat(16),
      logLevel: 'fatal',
      secretKeys: SECRET_KEYS,
      allowHttp: true,
      targetAllow: ['127.0.0.0/8'],
      ...settings,
    });
    const consumers = [{ spec: CONSUMERS.deliveryWorker, concurrency: config.maxMessagesInHand }];
    const worker = await createService(
      {
        name: 'delivery-worker',
        config: DeliveryWorkerConfig,
        module: () => DeliveryWorkerModule,
        prepare: (app) => serveNats(app, { service: 'delivery-worker', consumers }),
      },
      config,
    );
    Logger.overrideLogger(false);
    await worker.startAllMicroservices();
    await worker.get(Directory).caughtUp();
    this.workers.add(worker);
    return worker;
  }

  async stopWorker(worker: NestFastifyApplication): Promise<void> {
    this.workers.delete(worker);
    await worker.close();
  }

  /** Writes an endpoint into the directory, a new one unless `id` is given. */
  async endpoint(
    facts: Partial<EndpointEntry> & { path?: string; secret?: string } = {},
  ): Promise<EndpointEntry> {
    const { path = '/', secret, ...given } = facts;
    const id = given.id ?? randomUUID();
    const entry: EndpointEntry = {
      id,
      revision: 1,
      name: 'CRM',
      url: this.sink.url(path),
      events: ['incoming_message', 'submission'],
      deviceIds: [],
      status: 'active',
      ...(secret !== undefined && { sealedSecret: this.box.seal(secret, secretContext(id)) }),
      ...given,
    };
    const { revision } = await this.writer.read(endpointKey(id));
    this.newestRevision = await this.writer.put(endpointKey(id), entry, revision);
    return entry;
  }

  async removeEndpoint(id: string): Promise<void> {
    await this.writer.remove(endpointKey(id), (await this.writer.read(endpointKey(id))).revision);
    this.newestRevision = (await this.writer.read(endpointKey(id))).revision;
  }

  event(
    endpoints: { id: string }[],
    facts: Partial<RoutedFacts> = {},
    payload = '{"a":1}',
  ): EventRecord<RoutedFacts> {
    return {
      facts: {
        id: randomUUID(),
        type: 'incoming_message',
        channel: 'whatsapp',
        deviceToken: 'device-token',
        acceptedAt: Date.now(),
        production: true,
        endpointIds: endpoints.map(({ id }) => id),
        directoryRevision: this.newestRevision,
        ...facts,
      },
      payload: Buffer.from(payload),
    };
  }

  /** Publishes one message of routed events, and answers the delivery ids. */
  async route(...events: EventRecord<RoutedFacts>[]): Promise<string[]> {
    await this.messaging.publish(SUBJECTS.routed, encodeRecords(events));
    return events.flatMap(({ facts }) => facts.endpointIds.map((id) => matchId(facts.id, id)));
  }

  /** Messages of a stream. */
  async stored(stream: keyof typeof STREAMS): Promise<number> {
    const manager = await this.messaging.manager();
    return (await manager.streams.info(stream)).state.messages;
  }

  /** Waits until each delivery has its outcome. */
  async settled(ids: string[], timeoutMs = 10_000): Promise<void> {
    await this.until(`${ids.length} outcomes`, () => ids.every((id) => this.log.outcomeOf(id)), timeoutMs);
  }

  async until(what: string, check: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
    await waitFor(check, { timeoutMs, intervalMs: 10, what });
  }

  /** How often each delivery arrived at the sink, most often first. */
  repeats(): number[] {
    const counts = new Map<string, number>();
    for (const { id } of this.sink.received) counts.set(id, (counts.get(id) ?? 0) + 1);
    return [...counts.values()].sort((a, b) => b - a);
  }
}
