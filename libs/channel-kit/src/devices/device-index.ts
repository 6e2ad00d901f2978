import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { BUCKETS, type DeviceCredentialsEntry } from '@kirisan/contracts';
import {
  BucketWatch,
  type Change,
  channelKeys,
  credentialsContext,
  readCredentials,
} from '@kirisan/directory';
import { Messaging } from '@kirisan/messaging';
import { errorText, Health, SecretBox, TransientError } from '@kirisan/service';
import type { Channel, ChannelDevice } from '../channel.js';
import { CHANNEL, CREDENTIALS_BOX } from '../tokens.js';

/** The devices of the channel with their credentials opened, by ingest key; live, as the registry has them. */
@Injectable()
export class DeviceIndex implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger('devices');
  private readonly watch: BucketWatch<DeviceCredentialsEntry>;
  private readonly opened = new Map<string, ChannelDevice<unknown>>();
  private readonly idsByKey = new Map<string, Set<string>>();
  private readonly keysById = new Map<string, string>();
  private readonly listeners = new Set<() => void>();

  constructor(
    @Inject(CHANNEL) channel: Channel<unknown>,
    @Inject(CREDENTIALS_BOX) private readonly box: SecretBox,
    @Inject(Messaging) messaging: Messaging,
    health: Health,
  ) {
    const keys = channelKeys(channel.descriptor.name);
    this.watch = new BucketWatch({ messaging, bucket: BUCKETS.credentials, keys, read: readCredentials });
    this.watch.onChange((change) => this.apply(change));
    this.watch.onSync(() => this.tell());
    health.register('devices', () => this.watch.isCaughtUp || 'the devices are not all read');
  }

  onModuleInit(): void {
    this.watch.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.watch.stop();
  }

  /**
   * The devices that share an ingest key; none for an unknown key. Throws `TransientError` when that can not be told:
   * before the first look, while NATS is away, or when no credentials of that key can be opened.
   */
  devicesOf(ingestKey: string): ChannelDevice<unknown>[] {
    const ids = this.idsByKey.get(ingestKey);
    if (!ids) {
      if (!this.watch.isCaughtUp) throw new TransientError('the devices are not all read at the moment');
      return [];
    }
    const devices = [...ids].map((id) => this.opened.get(id)).filter((device) => device !== undefined);
    if (devices.length === 0) throw new TransientError('the credentials of the device can not be opened');
    return devices;
  }

  /** Every device of the channel whose credentials can be opened, for pollers. */
  all(): ChannelDevice<unknown>[] {
    return [...this.opened.values()];
  }

  /** Last path segment of the device's ingest URL; undefined for a device that is not there (any more). */
  ingestKeyOf(deviceId: string): string | undefined {
    return this.keysById.get(deviceId);
  }

  /** Called after every change and whenever all devices have been read; ask {@link all} then. Returns how to leave. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private apply({ value, previous }: Change<DeviceCredentialsEntry>): void {
    if (previous) this.drop(previous);
    if (value) this.add(value);
    if (this.watch.isCaughtUp) this.tell();
  }

  private add(entry: DeviceCredentialsEntry): void {
    this.keysById.set(entry.deviceId, entry.ingestKey);
    const ids = this.idsByKey.get(entry.ingestKey);
    if (ids) ids.add(entry.deviceId);
    else this.idsByKey.set(entry.ingestKey, new Set([entry.deviceId]));
    const device = this.open(entry);
    if (device) this.opened.set(entry.deviceId, device);
  }

  private drop({ deviceId, ingestKey }: DeviceCredentialsEntry): void {
    this.opened.delete(deviceId);
    this.keysById.delete(deviceId);
    const ids = this.idsByKey.get(ingestKey);
    ids?.delete(deviceId);
    if (ids?.size === 0) this.idsByKey.delete(ingestKey);
  }

  private open(entry: DeviceCredentialsEntry): ChannelDevice<unknown> | undefined {
    const { deviceId, token, name, number } = entry;
    try {
      const credentials: unknown = JSON.parse(
        this.box.open(entry.sealedCredentials, credentialsContext(deviceId)),
      );
      return { id: deviceId, token, name, ...(number === undefined ? {} : { number }), credentials };
    } catch (error) {
      // A parser's message quotes what it parsed: here, the credentials.
      const reason = error instanceof SyntaxError ? 'they are not JSON' : errorText(error);
      this.logger.error({ deviceId, reason }, 'the credentials of a device can not be opened');
      return undefined;
    }
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
