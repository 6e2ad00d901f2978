import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { channelService, PollerModule } from '@kirisan/channel-kit';
import { BUCKETS, decodeRecords, type DeviceHealth, type EventRecord } from '@kirisan/contracts';
import { natsUsers, type NatsServer, startTestNats, waitFor } from '@kirisan/local-stack';
import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';
import { createService, loadConfig, SecretBox } from '@kirisan/service';
import { telegramChannel } from '../telegram.channel.js';
import { TelegramConfig } from '../telegram.config.js';
import { telegramConnector } from '../telegram.connector.js';
import { FakeTelegram } from './fake-telegram.js';

const SECRET_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const box = new SecretBox(SECRET_KEYS);

/** The real application on a real nats-server with its own user's rights; only Telegram is played. */
export class TelegramBench {
  readonly telegram = new FakeTelegram();
  private readonly apps: NestFastifyApplication[] = [];

  private constructor(
    readonly nats: NatsServer,
    readonly admin: Messaging,
  ) {}

  static async start(): Promise<TelegramBench> {
    const users = natsUsers(['ingestor-telegram'], (service) => `pw-${service}`);
    const nats = await startTestNats({ users: [{ user: 'admin', password: 'pw' }, ...users] });
    const admin = new Messaging(await connectNats({ natsUrl: nats.url, natsUser: '', natsPassword: '' }));
    await applyTopology(admin, { replicas: 1 });
    const bench = new TelegramBench(nats, admin);
    await bench.telegram.start();
    return bench;
  }

  async stop(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.close()));
    await this.telegram.stop();
    await this.admin.close();
    await this.nats.stop();
  }

  async startApp(
    environment: Record<string, string> = {},
  ): Promise<{ app: NestFastifyApplication; url: string }> {
    const config = loadConfig(TelegramConfig, {
      NATS_URL: `nats://${new URL(this.nats.url).host}`,
      NATS_USER: 'ingestor-telegram',
      NATS_PASSWORD: 'pw-ingestor-telegram',
      INTERNAL_TOKEN: 'internal-token-of-tests',
      SECRET_KEYS,
      LOG_LEVEL: 'fatal',
      TELEGRAM_API_URL: this.telegram.url,
      TELEGRAM_POLL_SECONDS: '2',
      TELEGRAM_TIMEOUT_MS: '400',
      TELEGRAM_CHECK_MS: '200',
      BACKOFF_MS: '40',
      BACKOFF_MAX_MS: '160',
      ...environment,
    });
    const service = channelService(telegramChannel, {
      config: TelegramConfig,
      imports: (settings) => [PollerModule.with(settings, telegramConnector)],
    });
    const app = await createService(service, config);
    await app.listen(0, '127.0.0.1');
    this.apps.push(app);
    return { app, url: await app.getUrl() };
  }

  async putDevice(id: string, botToken: string, secretToken = 'secret-token'): Promise<void> {
    const entry = {
      deviceId: id,
      token: `token-${id}`,
      channel: 'telegram',
      name: id,
      ingestKey: `key-${id}`,
      sealedCredentials: box.seal(JSON.stringify({ botToken, secretToken }), `credentials:${id}`),
    };
    await (await this.admin.bucket(BUCKETS.credentials)).put(`telegram.${id}`, JSON.stringify(entry));
  }

  async removeDevice(id: string): Promise<void> {
    await (await this.admin.bucket(BUCKETS.credentials)).delete(`telegram.${id}`);
  }

  async healthOf(id: string): Promise<DeviceHealth | undefined> {
    const entry = await (await this.admin.bucket(BUCKETS.deviceHealth)).get(`telegram.${id}`);
    return entry?.operation === 'PUT' ? entry.json<DeviceHealth>() : undefined;
  }

  healthBecomes(id: string, state: DeviceHealth['state'], error?: RegExp): Promise<DeviceHealth> {
    return waitFor(
      async () => {
        const health = await this.healthOf(id);
        const fits = health?.state === state && (!error || error.test(health.lastError ?? ''));
        return fits ? health : undefined;
      },
      { what: `${id} becomes ${state} ${error ?? ''}` },
    );
  }

  /** Texts of the messages in the stream, in its order. */
  async stored(): Promise<string[]> {
    const streams = (await this.admin.manager()).streams;
    const { state } = await streams.info('EVENTS');
    const records: EventRecord[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await streams.getMessage('EVENTS', { seq });
      if (message) records.push(...decodeRecords(message.data));
    }
    return records.map(({ payload }) => JSON.parse(Buffer.from(payload).toString()).message.text as string);
  }
}

let nextUpdate = 1_000;
/** A text that a person sent to a bot. */
export const textUpdate = (text: string) => ({
  update_id: ++nextUpdate,
  message: {
    message_id: nextUpdate,
    from: { id: 555, is_bot: false, first_name: 'Ana' },
    chat: { id: 555, type: 'private', first_name: 'Ana' },
    date: 1_772_000_000,
    text,
  },
});
