import { Module } from '@nestjs/common';
import { ActivateEndpointModule } from '../activate-endpoint/activate-endpoint.module.js';
import { EndpointsModule } from '../endpoints/endpoints.module.js';
import { TestDeliveryClient } from './test-delivery.client.js';
import { TestEndpointController } from './test-endpoint.controller.js';
import { TestEndpointService } from './test-endpoint.service.js';

@Module({
  imports: [EndpointsModule, ActivateEndpointModule],
  controllers: [TestEndpointController],
  providers: [TestEndpointService, TestDeliveryClient],
})
export class TestEndpointModule {}
