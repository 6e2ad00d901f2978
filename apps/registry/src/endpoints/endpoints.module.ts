import { Module } from '@nestjs/common';
import { EndpointRules } from './endpoint-rules.js';
import { EndpointRepository } from './endpoint.repository.js';
import { EndpointsController } from './endpoints.controller.js';
import { EndpointsService } from './endpoints.service.js';
import { targetGuardProvider } from './target-guard.provider.js';

@Module({
  controllers: [EndpointsController],
  providers: [EndpointsService, EndpointRepository, EndpointRules, targetGuardProvider],
  exports: [EndpointRepository],
})
export class EndpointsModule {}
