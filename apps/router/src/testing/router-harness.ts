import {
  BUCKETS,
  decodeRecords,
  type DeviceEntry,
  encodeRecords,
  type EndpointEntry,
  type EventFacts,
  type EventRecord,
  natsPermissions,
  type RoutedFacts,
  SUBJECTS,
  type UnmatchedFacts,
} from '@kirisan/contracts';
import { BucketWriter, deviceKey, endpointKey } from '@kirisan/directory';
import { type NatsServer, startTestNats, waitFor } from '@kirisan/local-stack';
import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';
import { createService } from '@kirisan/service';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { RouterConfig } from '../router.config.js';
import { routerService } from '../router.module.js';

/** Rights to everything, and those that the service has in production. */
const ADMIN = { user: 'admin', password: 'admin' };
const SERVICE = { user: 'router', password: 'own', ...natsPermissions('router'), allowResponses: true };

type Outgoing = RoutedFacts | UnmatchedFacts;

/** A whole router on a real nats-server, and everybody around it. */
export class RouterHarness {
  readonly apps: NestFastifyApplication[] = [];
  nats: NatsServer;
  admin: Messaging;
  private readonly endpointKeys: string[] = [];

  async start(): Promise<void> {
    this.nats = await startTestNats({ users: [ADMIN, SERVICE] });
    this.admin = new Messaging(await connectNats({ natsUrl: this.nats.url, natsUser: '', natsPassword: '' }));
    await applyTopology(this.admin, { replicas: 1 });
    await this.announce('waba', {});
    await this.announce('telegram', { firstMessageActivates: true });
    await this.startCopy();
  }

  async startCopy(settings: Partial<RouterConfig> = {}): Promise<NestFastifyApplication> {
    const config = Object.assign(new RouterConfig(), {
      logLevel: 'fatal',
      natsUrl: this.nats.url.replace(/\/\/.*@/, '//'),
      natsUser: SERVICE.user,
      natsPassword: SERVICE.password,
      internalToken: 'token-of-the-tests',
      activationTimeoutMs: 500,
      ...settings,
    });
    const app = await createService(routerService, config);
    this.apps.push(app);
    await app.startAllMicroservices();
    await app.listen({ port: 0, host: '127.0.0.1' });
    return app;
  }

  async announce(name: string, more: object): Promise<void> {
    const descriptor = {
      name,
      label: name,
      ingestBaseUrl: 'https://x.example',
      events: ['incoming_message'],
      setupSteps: [],
      credentials: [],
      identity: [],
      samples: {},
      ...more,
    };
    await (await this.admin.bucket(BUCKETS.channels)).put(name, JSON.stringify(descriptor));
  }

  async put(key: string, value: DeviceEntry | EndpointEntry): Promise<number> {
    const writer = new BucketWriter(this.admin, BUCKETS.directory);
    return writer.put(key, value, (await writer.read(key)).revision);
  }

  device(id: string, more: Partial<DeviceEntry> = {}): Promise<number> {
    return this.put(deviceKey(id), {
      id,
      token: `t-${id}`,
      channel: 'waba',
      inboundMode: 'webhook',
      ...more,
    });
  }

  endpoint(id: string, more: Partial<EndpointEntry> = {}): Promise<number> {
    if (!this.endpointKeys.includes(endpointKey(id))) this.endpointKeys.push(endpointKey(id));
    return this.put(endpointKey(id), {
      id,
      revision: 1,
      name: id,
      url: 'https://e.example',
      events: ['incoming_message'],
      deviceIds: ['d1'],
      status: 'active',
      ...more,
    });
  }

  async forgetEndpoints(): Promise<void> {
    const writer = new BucketWriter(this.admin, BUCKETS.directory);
    for (const key of this.endpointKeys.splice(0))
      await writer.remove(key, (await writer.read(key)).revision);
  }

  /** Publishes events as an ingestor does, in one message. */
  async accept(...records: EventRecord[]): Promise<void> {
    await this.admin.publish(SUBJECTS.events('waba'), encodeRecords(records));
  }

  /** Waits until the stream holds this many events and answers them, oldest first. */
  async outgoing(stream: 'DELIVERIES' | 'OUTCOMES', count: number): Promise<EventRecord<Outgoing>[]> {
    const read = async () => {
      const found = await this.contents(stream);
      return found.length >= count ? found : undefined;
    };
    return waitFor(read, { timeoutMs: 15_000, intervalMs: 25, what: `${count} events in ${stream}` });
  }

  async contents(stream: 'DELIVERIES' | 'OUTCOMES' | 'EVENTS'): Promise<EventRecord<Outgoing>[]> {
    const manager = await this.admin.manager();
    const { state } = await manager.streams.info(stream);
    const found: EventRecord<Outgoing>[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
      const message = await manager.streams.getMessage(stream, { seq }).catch(() => null);
      if (message) found.push(...decodeRecords<Outgoing>(message.data));
    }
    return found;
  }

  /** Messages that wait to be routed or are in hand. */
  async waiting(): Promise<number> {
    return (await (await this.admin.manager()).streams.info('EVENTS')).state.messages;
  }

  async clear(): Promise<void> {
    const manager = await this.admin.manager();
    for (const stream of ['EVENTS', 'DELIVERIES', 'OUTCOMES']) await manager.streams.purge(stream);
  }

  async stop(): Promise<void> {
    for (const app of this.apps.splice(0)) await app.close();
    await this.admin?.close();
    await this.nats?.stop();
  }
}

let counter = 0;

export function event(more: Partial<EventFacts> = {}, payload: unknown = { n: 1 }): EventRecord {
  return {
    facts: {
      id: `event-${++counter}`,
      type: 'incoming_message',
      channel: 'waba',
      deviceId: 'd1',
      deviceToken: 't-d1',
      acceptedAt: Date.now(),
      production: true,
      ...more,
    },
    payload: Buffer.from(JSON.stringify(payload)),
  };
}
