import { Module } from '@nestjs/common';
import { ApiDocument, ApiDocumentController } from './api-document.js';
import { DeliveriesController } from './query-log/deliveries.controller.js';
import { DeliveriesQueryService } from './query-log/deliveries-query.service.js';
import { EventsController } from './query-log/events.controller.js';
import { EventsQueryService } from './query-log/events-query.service.js';
import { LogRepository } from './query-log/log.repository.js';
import { SearchRepository } from './query-log/search.repository.js';
import { StatsController } from './stats/stats.controller.js';
import { StatsRepository } from './stats/stats.repository.js';
import { StatsService } from './stats/stats.service.js';

/** The query API. */
@Module({
  controllers: [ApiDocumentController, DeliveriesController, EventsController, StatsController],
  providers: [
    ApiDocument,
    DeliveriesQueryService,
    EventsQueryService,
    LogRepository,
    SearchRepository,
    StatsRepository,
    StatsService,
  ],
})
export class QueryModule {}
