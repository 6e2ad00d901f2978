import { Module } from '@nestjs/common';
import { ApiDocument, ApiDocumentController } from './api-document.js';
import { BacklogController } from './backlog/backlog.controller.js';
import { BacklogService } from './backlog/backlog.service.js';
import { WorkerLanes } from './backlog/worker-lanes.js';
import { LedgerController } from './ledger/ledger.controller.js';
import { LedgerRepository } from './ledger/ledger.repository.js';
import { LedgerService } from './ledger/ledger.service.js';
import { WaitingMatchesService } from './ledger/waiting-matches.service.js';
import { DeliveriesController } from './query-log/deliveries.controller.js';
import { DeliveriesQueryService } from './query-log/deliveries-query.service.js';
import { EventsController } from './query-log/events.controller.js';
import { EventsQueryService } from './query-log/events-query.service.js';
import { LogRepository } from './query-log/log.repository.js';
import { SearchRepository } from './query-log/search.repository.js';
import { StatsController } from './stats/stats.controller.js';
import { StatsRepository } from './stats/stats.repository.js';
import { StatsService } from './stats/stats.service.js';
import { StreamStore } from './streams/stream-store.client.js';

/** The HTTP API, as far as it reads. */
@Module({
  controllers: [
    ApiDocumentController,
    DeliveriesController,
    EventsController,
    StatsController,
    LedgerController,
    BacklogController,
  ],
  providers: [
    ApiDocument,
    DeliveriesQueryService,
    EventsQueryService,
    LogRepository,
    SearchRepository,
    StatsRepository,
    StatsService,
    StreamStore,
    LedgerRepository,
    LedgerService,
    WaitingMatchesService,
    BacklogService,
    WorkerLanes,
  ],
  exports: [StreamStore, WorkerLanes],
})
export class QueryModule {}
