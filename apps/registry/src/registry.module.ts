import { Module } from '@nestjs/common';
import { MessagingModule, serveNats } from '@kirisan/messaging';
import type { ServiceOptions } from '@kirisan/service';
import { ActivateEndpointModule } from './activate-endpoint/activate-endpoint.module.js';
import { ChannelsModule } from './channels/channels.module.js';
import { DevicesModule } from './devices/devices.module.js';
import { DirectorySyncModule } from './directory-sync/directory-sync.module.js';
import { EndpointsModule } from './endpoints/endpoints.module.js';
import { serveOpenApi } from './http/open-api.js';
import { RegistryConfig } from './registry.config.js';
import { SecretsModule } from './secrets/secrets.module.js';
import { StorageModule } from './storage/storage.module.js';
import { TestEndpointModule } from './test-endpoint/test-endpoint.module.js';

@Module({
  imports: [
    MessagingModule,
    StorageModule,
    SecretsModule,
    DirectorySyncModule,
    ChannelsModule,
    DevicesModule,
    EndpointsModule,
    ActivateEndpointModule,
    TestEndpointModule,
  ],
})
export class RegistryModule {}

/** The registry as it runs, also for tests of the real thing. */
export const registryService: ServiceOptions<RegistryConfig> = {
  name: 'registry',
  config: RegistryConfig,
  module: () => RegistryModule,
  prepare: (app) => {
    serveNats(app, { service: 'registry' });
    serveOpenApi(app);
  },
};
