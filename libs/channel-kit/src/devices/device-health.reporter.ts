import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { BUCKETS, type DeviceHealth } from '@kirisan/contracts';
import { channelDeviceKey } from '@kirisan/directory';
import { Messaging } from '@kirisan/messaging';
import { errorText } from '@kirisan/service';
import type { Channel } from '../channel.js';
import { CHANNEL } from '../tokens.js';

/** An unchanged state is written at most this often for each device; a change waits only for the second figure. */
const SAME_STATE_MS = 10_000;
const CHANGE_MS = 1_000;

interface Reported {
  health: DeviceHealth;
  /** State and time of the last write. */
  written?: { state: DeviceHealth['state']; at: number };
  timer?: NodeJS.Timeout;
}

/** Tells the registry how the connection of each device is; costs nothing on the hot path and never throws. */
@Injectable()
export class DeviceHealthReporter implements OnApplicationShutdown {
  private readonly logger = new Logger('device-health');
  private readonly reported = new Map<string, Reported>();

  constructor(
    @Inject(CHANNEL) private readonly channel: Channel<unknown>,
    @Inject(Messaging) private readonly messaging: Messaging,
  ) {}

  /** A genuine request came, or a poll succeeded. */
  seen(deviceId: string): void {
    this.report(deviceId, { state: 'ok', lastSeenAt: Date.now() });
  }

  /** Something is wrong with the device's connection; `reason` in plain words, without secrets. */
  failed(deviceId: string, reason: string): void {
    this.report(deviceId, { state: 'error', lastErrorAt: Date.now(), lastError: reason.slice(0, 500) });
  }

  onApplicationShutdown(): void {
    for (const { timer } of this.reported.values()) clearTimeout(timer);
  }

  private report(deviceId: string, news: DeviceHealth): void {
    let known = this.reported.get(deviceId);
    if (!known) this.reported.set(deviceId, (known = { health: news }));
    const changed = known.health.state !== news.state;
    known.health = { ...known.health, ...news };
    if (known.timer && !changed) return;
    clearTimeout(known.timer);
    known.timer = setTimeout(() => this.write(deviceId, known), waitFor(known));
    known.timer.unref();
  }

  private write(deviceId: string, known: Reported): void {
    known.timer = undefined;
    known.written = { state: known.health.state, at: Date.now() };
    this.put(channelDeviceKey(this.channel.descriptor.name, deviceId), known.health).catch(
      (error: unknown) => {
        known.written = undefined;
        this.logger.debug({ deviceId, error: errorText(error) }, 'health could not be written');
      },
    );
  }

  private async put(key: string, health: DeviceHealth): Promise<void> {
    if (!this.messaging.connected) throw new Error('NATS is away');
    await (await this.messaging.bucket(BUCKETS.deviceHealth)).put(key, JSON.stringify(health));
  }
}

function waitFor({ written, health }: Reported): number {
  if (!written) return 0;
  const pause = written.state === health.state ? SAME_STATE_MS : CHANGE_MS;
  return Math.max(0, written.at + pause - Date.now());
}
