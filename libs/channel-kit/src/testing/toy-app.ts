import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BUCKETS, decodeRecords, type EventRecord, eventId } from '@kirisan/contracts';
import { natsUsers, type NatsServer, startTestNats, waitFor } from '@kirisan/local-stack';
import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';
import { createService, loadConfig, SecretBox } from '@kirisan/service';
import type { Channel } from '../channel.js';
import { UnprovenRequestError } from '../errors.js';
import { IngestorConfig } from '../ingestor.config.js';
import { channelService } from '../run-channel.js';
import { asList, asRecord, asString } from '../values/values.js';

const SECRET_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const box = new SecretBox(SECRET_KEYS);

/** A small channel: `{texts: […]}` with the secret in a header. */
export const toy: Channel<{ secret: string }> = {
  descriptor: {
    name: 'toy',
    label: 'Toy',
    events: ['incoming_message'],
    credentials: [{ name: 'secret', label: 'Secret', required: true, secret: true }],
    identity: [],
    setupSteps: [],
    samples: {},
  },
  intake: { maxBodyBytes: 3_000_000 },
  prove(request, devices) {
    const given = request.headers['x-secret'];
    if (!given) throw new UnprovenRequestError(401, 'x-secret is missing');
    const proven = devices.filter(({ credentials }) => credentials.secret === given);
    if (proven.length === 0) throw new UnprovenRequestError(403, 'x-secret is wrong');
    return proven;
  },
  normalise(request, [device]) {
    return asList(asRecord(request.parse())?.['texts']).map((item) => {
      const text = asString(item) ?? '';
      if (text === 'bug') throw new TypeError('a bug');
      const contentOnly = text.startsWith('again') ? true : undefined;
      return {
        id: eventId('toy', [device!.id, text]),
        contentOnly,
        device,
        sender: `62\0${'x'.repeat(1_000)}`,
        body: {
          event: 'incoming_message',
          sender: { sender: '62', name: '', details: {} },
          message: { type: 'text', text },
          metadata: {},
          timestamp: 1_770_000_000,
        },
      };
    });
  },
};

export interface Post {
  key?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  method?: string;
  /** Of another copy of the service. */
  url?: string;
}

export const texts = (...values: string[]) => JSON.stringify({ texts: values });

/** Real: a nats-server with the service's own rights, the whole application on a port. */
export class ToyApp {
  nats: NatsServer;
  admin: Messaging;
  base: string;
  private readonly apps: NestFastifyApplication[] = [];

  async start(): Promise<void> {
    const users = natsUsers(['ingestor-toy'], (service) => `pw-${service}`);
    this.nats = await startTestNats({ users: [{ user: 'admin', password: 'pw' }, ...users] });
    this.admin = new Messaging(await connectNats({ natsUrl: this.nats.url, natsUser: '', natsPassword: '' }));
    await applyTopology(this.admin, { replicas: 1 });
    await this.putDevice('d1', 'key-one', 's1');
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
      NATS_USER: 'ingestor-toy',
      NATS_PASSWORD: 'pw-ingestor-toy',
      INTERNAL_TOKEN: 'internal-token-of-tests',
      SECRET_KEYS,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'fatal',
      PUBLIC_URL: 'https://hooks.example.com/',
      ...environment,
    });
    const app = await createService(channelService(toy), config);
    this.apps.push(app);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    await waitFor(async () => (await fetch(`${url}/health/ready`)).status === 200, { timeoutMs: 15_000 });
    return url;
  }

  async putDevice(id: string, ingestKey: string, secret: string, sealedFor = id): Promise<void> {
    const sealedCredentials = box.seal(JSON.stringify({ secret }), `credentials:${sealedFor}`);
    const entry = {
      deviceId: id,
      token: `token-${id}`,
      channel: 'toy',
      name: id,
      ingestKey,
      sealedCredentials,
    };
    await (await this.admin.bucket(BUCKETS.credentials)).put(`toy.${id}`, JSON.stringify(entry));
  }

  send({ key = 'key-one', headers = {}, body, method = 'POST', url = this.base }: Post): Promise<Response> {
    return fetch(`${url}/webhooks/toy/${key}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-secret': 's1', ...headers },
      ...(body === undefined ? {} : { body }),
    });
  }

  async clear(): Promise<void> {
    await (await this.admin.manager()).streams.purge('EVENTS');
  }

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
