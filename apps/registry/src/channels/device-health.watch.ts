import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { BUCKETS, type DeviceHealth } from '@kirisan/contracts';
import { BucketWatch, channelDeviceKey, readHealth } from '@kirisan/directory';
import { Messaging } from '@kirisan/messaging';

/** What the channels report of the connections of their devices, live. */
@Injectable()
export class DeviceHealthWatch implements OnModuleInit, OnApplicationShutdown {
  private readonly watch: BucketWatch<DeviceHealth>;

  constructor(messaging: Messaging) {
    this.watch = new BucketWatch({ messaging, bucket: BUCKETS.deviceHealth, read: readHealth });
  }

  onModuleInit(): void {
    this.watch.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.watch.stop();
  }

  /** Undefined until the channel has heard of the device. */
  of(device: { channel: string; id: string }): DeviceHealth | undefined {
    return this.watch.get(channelDeviceKey(device.channel, device.id));
  }
}
