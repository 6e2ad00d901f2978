import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { SUBJECTS } from '@kirisan/contracts';
import { failpoint } from '@kirisan/service';
import { OutcomeService } from './outcome.service.js';

/** Takes the workers' outcomes; a message is acknowledged when all of them are committed. */
@Controller()
export class RecordOutcomeHandler {
  constructor(private readonly service: OutcomeService) {}

  @EventPattern(SUBJECTS.outcome)
  async record(@Payload() data: Uint8Array): Promise<void> {
    await this.service.take(data);
    failpoint('log.outcome-committed');
  }
}
