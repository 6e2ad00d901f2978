import { Module } from '@nestjs/common';
import { DirectoryModule } from '@kirisan/directory';
import { MessagingModule } from '@kirisan/messaging';
import { GuardedConnector, Sender, TargetGuard } from '@kirisan/outbound';
import { SecretBox } from '@kirisan/service';
import { ClaimsClient } from './deliver/claims.client.js';
import { DeliverHandler } from './deliver/deliver.handler.js';
import { DeliverService } from './deliver/deliver.service.js';
import { EndpointLanes } from './deliver/endpoint-lanes.js';
import { Incarnation } from './deliver/incarnation.js';
import { KnownEndpoints } from './deliver/known-endpoints.js';
import { OutcomePublisher } from './deliver/outcome.publisher.js';
import { PostService } from './deliver/post.service.js';
import { TargetService } from './deliver/target.service.js';
import { DeliveryWorkerConfig } from './delivery-worker.config.js';
import { HeartbeatService } from './heartbeat/heartbeat.service.js';
import { DrainService } from './parked/drain.service.js';
import { ParkingClient } from './parked/parking.client.js';
import { ShutdownService } from './shutdown.service.js';
import { TestDeliveryHandler } from './test-delivery/test-delivery.handler.js';
import { TestDeliveryService } from './test-delivery/test-delivery.service.js';

function makeSender({ allowHttp, targetAllow, targetPorts }: DeliveryWorkerConfig): Sender {
  const ports = targetPorts.length > 0 ? targetPorts.map(Number) : undefined;
  const guard = new TargetGuard({ allowHttp, allow: targetAllow, ports });
  return new Sender({ connector: new GuardedConnector({ guard }) });
}

@Module({
  imports: [MessagingModule, DirectoryModule],
  controllers: [DeliverHandler, TestDeliveryHandler],
  providers: [
    { provide: Sender, useFactory: makeSender, inject: [DeliveryWorkerConfig] },
    {
      provide: SecretBox,
      useFactory: ({ secretKeys }: DeliveryWorkerConfig) => new SecretBox(secretKeys),
      inject: [DeliveryWorkerConfig],
    },
    Incarnation,
    KnownEndpoints,
    TargetService,
    EndpointLanes,
    ClaimsClient,
    ParkingClient,
    PostService,
    OutcomePublisher,
    DeliverService,
    DrainService,
    TestDeliveryService,
    HeartbeatService,
    ShutdownService,
  ],
})
export class DeliveryWorkerModule {}
