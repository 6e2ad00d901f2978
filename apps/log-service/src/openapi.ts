import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { describeApi } from './api-document.js';
import { BacklogController } from './backlog/backlog.controller.js';
import { BacklogService } from './backlog/backlog.service.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { DeadLettersService } from './dead-letters/dead-letters.service.js';
import { LedgerController } from './ledger/ledger.controller.js';
import { LedgerService } from './ledger/ledger.service.js';
import { DeliveriesController } from './query-log/deliveries.controller.js';
import { DeliveriesQueryService } from './query-log/deliveries-query.service.js';
import { EventsController } from './query-log/events.controller.js';
import { EventsQueryService } from './query-log/events-query.service.js';
import { StatsController } from './stats/stats.controller.js';
import { StatsService } from './stats/stats.service.js';

/** The controllers alone: their services stay empty, as nobody calls them. */
@Module({
  controllers: [
    DeliveriesController,
    EventsController,
    StatsController,
    LedgerController,
    DeadLettersController,
    BacklogController,
  ],
  providers: [
    DeliveriesQueryService,
    EventsQueryService,
    StatsService,
    LedgerService,
    DeadLettersService,
    BacklogService,
  ].map((provide) => ({ provide, useValue: {} })),
})
class DescribedModule {}

const target = process.argv[2];
if (!target) throw new Error('name the file to write, such as docs/reference/log-service.openapi.json');
const app = await NestFactory.create(DescribedModule, new FastifyAdapter(), { logger: false });
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, `${JSON.stringify(describeApi(app), null, 2)}\n`);
await app.close();
