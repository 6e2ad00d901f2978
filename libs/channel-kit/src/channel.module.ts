import { type DynamicModule, Global, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { MessagingModule } from '@kirisan/messaging';
import { SecretBox } from '@kirisan/service';
import { Announcer } from './announce/announcer.js';
import type { Channel } from './channel.js';
import { DeviceHealthReporter } from './devices/device-health.reporter.js';
import { DeviceIndex } from './devices/device-index.js';
import { IngestService } from './edge/ingest.service.js';
import { RequestGate } from './edge/request-gate.js';
import { WebhookController } from './edge/webhook.controller.js';
import { IngestorConfig } from './ingestor.config.js';
import { EventPublisher } from './publish/event-publisher.js';
import { FirstSeen } from './publish/first-seen.js';
import { CHANNEL, CREDENTIALS_BOX } from './tokens.js';

const SHARED = [DeviceIndex, DeviceHealthReporter, EventPublisher];

/** Everything that channels have in common, around one {@link Channel}. */
@Global()
@Module({})
export class ChannelModule {
  /** `config` is also injectable as {@link IngestorConfig}; `imports` are what the channel has besides, such as a poller. */
  static with<C>(
    channel: Channel<C>,
    config: IngestorConfig,
    imports: ModuleMetadata['imports'] = [],
  ): DynamicModule {
    // Without settings of its own the app's configuration is injectable by this class already.
    const ownConfig: Provider[] =
      config.constructor === IngestorConfig ? [] : [{ provide: IngestorConfig, useValue: config }];
    const values: Provider[] = [
      { provide: CHANNEL, useValue: channel },
      { provide: CREDENTIALS_BOX, useFactory: () => new SecretBox(config.secretKeys) },
      ...ownConfig,
    ];
    return {
      module: ChannelModule,
      imports: [MessagingModule, ...imports],
      controllers: [WebhookController],
      providers: [...values, ...SHARED, IngestService, RequestGate, FirstSeen, Announcer],
      exports: [...SHARED, CHANNEL, CREDENTIALS_BOX, ...ownConfig],
    };
  }
}
