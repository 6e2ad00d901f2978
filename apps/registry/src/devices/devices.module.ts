import { Module } from '@nestjs/common';
import { DevicePresenter } from './device.presenter.js';
import { DeviceRepository } from './device.repository.js';
import { DevicesController } from './devices.controller.js';
import { DevicesService } from './devices.service.js';

@Module({
  controllers: [DevicesController],
  providers: [DevicesService, DeviceRepository, DevicePresenter],
  exports: [DeviceRepository],
})
export class DevicesModule {}
