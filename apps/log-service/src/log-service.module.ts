import { Module } from '@nestjs/common';
import { MessagingModule } from '@kirisan/messaging';
import { ClaimHandler } from './claim/claim.handler.js';
import { ClaimRepository } from './claim/claim.repository.js';
import { ClaimService } from './claim/claim.service.js';
import { CloseInterruptedService } from './close-interrupted/close-interrupted.service.js';
import { HeartbeatHandler } from './close-interrupted/heartbeat.handler.js';
import { InterruptedRepository } from './close-interrupted/interrupted.repository.js';
import { LivenessService } from './close-interrupted/liveness.service.js';
import { OutcomeStream } from './close-interrupted/outcome-stream.client.js';
import { WorkerSilence } from './close-interrupted/worker-silence.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { DeadLettersService } from './dead-letters/dead-letters.service.js';
import { QueryModule } from './query.module.js';
import { OutcomeRepository } from './record-outcome/outcome.repository.js';
import { OutcomeService } from './record-outcome/outcome.service.js';
import { RecordOutcomeHandler } from './record-outcome/record-outcome.handler.js';
import { RegisterEventHandler } from './register-event/register-event.handler.js';
import { RegisterEventService } from './register-event/register-event.service.js';
import { PurgeRepository } from './retention/purge.repository.js';
import { RetentionService } from './retention/retention.service.js';
import { StorageModule } from './storage/storage.module.js';

/** The log: claims, outcomes and events over NATS in, queries over HTTP out. */
@Module({
  imports: [MessagingModule, StorageModule, QueryModule],
  controllers: [
    ClaimHandler,
    RegisterEventHandler,
    RecordOutcomeHandler,
    HeartbeatHandler,
    DeadLettersController,
  ],
  providers: [
    ClaimRepository,
    ClaimService,
    RegisterEventService,
    OutcomeRepository,
    OutcomeService,
    DeadLettersService,
    WorkerSilence,
    InterruptedRepository,
    OutcomeStream,
    CloseInterruptedService,
    LivenessService,
    PurgeRepository,
    RetentionService,
  ],
})
export class LogServiceModule {}
