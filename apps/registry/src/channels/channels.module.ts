import { Global, Module } from '@nestjs/common';
import { ChannelCatalog } from './channel-catalog.js';
import { ChannelsController } from './channels.controller.js';
import { DeviceHealthWatch } from './device-health.watch.js';

@Global()
@Module({
  controllers: [ChannelsController],
  providers: [ChannelCatalog, DeviceHealthWatch],
  exports: [ChannelCatalog, DeviceHealthWatch],
})
export class ChannelsModule {}
