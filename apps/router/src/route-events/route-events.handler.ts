import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { CONSUMERS, decodeRecords } from '@kirisan/contracts';
import { failpoint } from '@kirisan/service';
import { RouteEventsService } from './route-events.service.js';

/** Takes batches of accepted events; the message leaves the stream when all of them are routed. */
@Controller()
export class RouteEventsHandler {
  constructor(private readonly service: RouteEventsService) {}

  @EventPattern(CONSUMERS.router.filter)
  async route(@Payload() data: Uint8Array): Promise<void> {
    await this.service.route(decodeRecords(data));
    failpoint('router.published');
  }
}
