import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { SUBJECTS } from '@kirisan/contracts';
import { DeliverService } from './deliver.service.js';
import { routedEvents } from './routed-events.js';

/** Takes what the router has matched. */
@Controller()
export class DeliverHandler {
  constructor(private readonly service: DeliverService) {}

  @EventPattern(SUBJECTS.routed)
  async deliver(@Payload() data: Uint8Array): Promise<void> {
    await this.service.deliver(routedEvents(data));
  }
}
