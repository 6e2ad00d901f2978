import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BUCKETS, decodeRecords, type DeviceCredentialsEntry, type EventRecord } from '@kirisan/contracts';
import { natsUsers, type NatsServer, startTestNats, waitFor } from '@kirisan/local-stack';
import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';
import { createService, loadConfig, SecretBox } from '@kirisan/service';
import type { Channel } from '../channel.js';
import { IngestorConfig } from '../ingestor.config.js';
import { channelService } from '../run-channel.js';

const SECRET_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const box = new SecretBox(SECRET_KEYS);

export interface Post {
  key: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  method?: string;
  /** Of another copy of the service. */
  url?: string;
}

/** For tests, all of it real: a nats-server with the service's own rights, the channel's whole application on a port. */
export class ChannelApp<C> {
  nats: NatsServer;
  admin: Messaging;
  base: string;
  private readonly apps: NestFastifyApplication[] = [];

  constructor(private readonly channel: Channel<C>) {}

  private get name(): string {
    return this.channel.descriptor.name;
  }

  /** `devices`: the ingest key of each, and its credentials. */
  async start(devices: Record<string, C>): Promise<void> {
    const users = natsUsers([`ingestor-${this.name}`], (service) => `pw-${service}`);
    this.nats = await startTestNats({ users: [{ user: 'admin', password: 'pw' }, ...users] });
    this.admin = new Messaging(await connectNats({ natsUrl: this.nats.url, natsUser: '', natsPassword: '' }));
    await applyTopology(this.admin, { replicas: 1 });
    for (const [key, credentials] of Object.entries(devices))
      await this.putDevice(`d-${key}`, key, credentials);
    this.base = await this.startCopy();
  }

  async stop(): Promise<void> {
    for (const app of this.apps) await app.close();
    await this.admin?.close();
    await this.nats?.stop();
  }

  /** Answers the URL of a copy that is ready. */
  async startCopy(environment: Record<string, string> = {}): Promise<string> {
    const config = loadConfig(IngestorConfig, {
      NATS_URL: `nats://${new URL(this.nats.url).host}`,
      NATS_USER: `ingestor-${this.name}`,
      NATS_PASSWORD: `pw-ingestor-${this.name}`,
      INTERNAL_TOKEN: 'internal-token-of-tests',
      SECRET_KEYS,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'fatal',
      PUBLIC_URL: 'https://hooks.example.com/',
      ...environment,
    });
    const app = await createService(channelService(this.channel), config);
    this.apps.push(app);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    await waitFor(async () => (await fetch(`${url}/health/ready`)).status === 200, { timeoutMs: 15_000 });
    return url;
  }

  async putDevice(id: string, ingestKey: string, credentials: C, sealedFor = id): Promise<void> {
    const entry: DeviceCredentialsEntry = {
      deviceId: id,
      token: `token-${id}`,
      channel: this.name,
      name: id,
      ingestKey,
      sealedCredentials: box.seal(JSON.stringify(credentials), `credentials:${sealedFor}`),
    };
    await (await this.admin.bucket(BUCKETS.credentials)).put(`${this.name}.${id}`, JSON.stringify(entry));
  }

  /** JSON unless the headers say otherwise. */
  send({ key, headers = {}, body, method = 'POST', url = this.base }: Post): Promise<Response> {
    return fetch(`${url}/webhooks/${this.name}/${key}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
    });
  }

  /** Empties the stream of events. */
  async clear(): Promise<void> {
    await (await this.admin.manager()).streams.purge('EVENTS');
  }

  /** All events in the stream. */
  async stored(): Promise<EventRecord[]> {
    const { streams } = await this.admin.manager();
    const { state } = await streams.info('EVENTS');
    const records: EventRecord[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await streams.getMessage('EVENTS', { seq });
      if (message) records.push(...decodeRecords(message.data));
    }
    return records;
  }
}
