import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Lease, Messaging } from '@kirisan/messaging';
import { Metrics } from '@kirisan/service';
import type { Channel, ChannelDevice } from '../channel.js';
import { DeviceHealthReporter } from '../devices/device-health.reporter.js';
import { DeviceIndex } from '../devices/device-index.js';
import { webhookPath } from '../edge/webhook-path.js';
import { CHANNEL } from '../tokens.js';
import { CONNECTOR, type Connector } from './connector.js';
import { DeviceLoop } from './device-loop.js';
import { PollerConfig } from './poller.config.js';

/** What a loop was started with. */
interface Target {
  device: ChannelDevice<unknown>;
  ingestUrl: string;
}

/**
 * Keeps a {@link DeviceLoop} for every device of the channel, as devices come, change and go. Every copy of the service
 * has the loops; a lease for each device lets one of them work.
 */
@Injectable()
export class Poller implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly owner = `${hostname()}:${process.pid}:${randomUUID()}`;
  private readonly loops = new Map<string, { target: Target; loop: DeviceLoop }>();
  private readonly ending = new Set<Promise<void>>();
  private unfollow?: () => void;

  constructor(
    @Inject(CHANNEL) private readonly channel: Channel<unknown>,
    @Inject(CONNECTOR) private readonly connector: Connector<unknown>,
    private readonly config: PollerConfig,
    private readonly devices: DeviceIndex,
    private readonly health: DeviceHealthReporter,
    @Inject(Messaging) private readonly messaging: Messaging,
    metrics: Metrics,
  ) {
    metrics.gauge(
      'connections_failing',
      'Devices that this copy looks after and whose connection does not work',
      () => [...this.loops.values()].filter(({ loop }) => loop.isFailing).length,
    );
  }

  onApplicationBootstrap(): void {
    this.unfollow = this.devices.onChange(() => this.follow());
    this.follow();
  }

  /** Before the connection to NATS closes: what was fetched is stored and the leases are given back. */
  async beforeApplicationShutdown(): Promise<void> {
    this.unfollow?.();
    for (const id of [...this.loops.keys()]) void this.end(id);
    await Promise.all(this.ending);
  }

  private follow(): void {
    const present = new Map(this.devices.all().map((device) => [device.id, device]));
    for (const id of [...this.loops.keys()]) if (!present.has(id)) void this.end(id);
    for (const device of present.values()) this.begin({ device, ingestUrl: this.ingestUrlOf(device.id) });
  }

  private begin(target: Target): void {
    const { device, ingestUrl } = target;
    const known = this.loops.get(device.id);
    if (known && isDeepStrictEqual(known.target, target)) return;
    const loop = new DeviceLoop({
      device,
      turn: new Lease(this.messaging, `${this.channel.descriptor.name}.${device.id}`, this.owner),
      open: () => this.connector.open(device, ingestUrl),
      health: this.health,
      backoff: { initialMs: this.config.backoffMs, maxMs: this.config.backoffMaxMs },
      after: known && this.end(device.id),
    });
    this.loops.set(device.id, { target, loop });
  }

  private end(deviceId: string): Promise<void> {
    const ended = this.loops.get(deviceId)?.loop.stop() ?? Promise.resolve();
    this.loops.delete(deviceId);
    this.ending.add(ended);
    return ended.finally(() => this.ending.delete(ended));
  }

  private ingestUrlOf(deviceId: string): string {
    return `${this.config.baseUrl}${webhookPath(this.channel.descriptor.name)}/${this.devices.ingestKeyOf(deviceId) ?? ''}`;
  }
}
