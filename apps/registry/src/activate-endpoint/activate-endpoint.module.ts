import { Module } from '@nestjs/common';
import { EndpointsModule } from '../endpoints/endpoints.module.js';
import { ActivateEndpointHandler } from './activate-endpoint.handler.js';
import { ActivateEndpointService } from './activate-endpoint.service.js';

@Module({
  imports: [EndpointsModule],
  controllers: [ActivateEndpointHandler],
  providers: [ActivateEndpointService],
  exports: [ActivateEndpointService],
})
export class ActivateEndpointModule {}
