import { Controller } from '@nestjs/common';
import { CONSUMERS, decodeRecords, type EventFacts } from '@kirisan/contracts';
import { EventPattern } from '@nestjs/microservices';
import { RouteEventsService } from './route-events.service.js';

/** Takes batches of accepted events from the ingestors. */
@Controller()
export class RouteEventsHandler {
  constructor(private readonly service: RouteEventsService) {}

  @EventPattern(CONSUMERS.router.filter)
  route(data: Uint8Array): Promise<void> {
    return this.service.route(decodeRecords<EventFacts>(data));
  }
}
