import { Controller } from '@nestjs/common';
import { CONSUMERS, decodeRecords, type EventFacts } from '@kirisan/contracts';
import { failpoint } from '@kirisan/service';
import { EventPattern } from '@nestjs/microservices';
import { RouteEventsService } from './route-events.service.js';

/** Takes batches of accepted events; a message leaves the stream when all of its events are routed. */
@Controller()
export class RouteEventsHandler {
  constructor(private readonly service: RouteEventsService) {}

  @EventPattern(CONSUMERS.router.filter)
  async route(data: Uint8Array): Promise<void> {
    await this.service.route(decodeRecords<EventFacts>(data));
    failpoint('router.published');
  }
}
