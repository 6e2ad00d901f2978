import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { SUBJECTS } from '@kirisan/contracts';
import { failpoint, PermanentError } from '@kirisan/service';
import { OutcomeError, parseOutcomes } from './outcome-row.js';
import { OutcomeService } from './outcome.service.js';

/** Takes the workers' outcomes; a message is acknowledged when all of them are committed. */
@Controller()
export class RecordOutcomeHandler {
  constructor(private readonly service: OutcomeService) {}

  @EventPattern(SUBJECTS.outcome)
  async record(@Payload() data: Uint8Array): Promise<void> {
    await this.service.record(membersOf(data));
    failpoint('log.outcome-committed');
  }
}

function membersOf(data: Uint8Array): unknown[] {
  try {
    return parseOutcomes(data);
  } catch (error) {
    if (error instanceof OutcomeError) throw new PermanentError(error.message, { cause: error });
    throw error;
  }
}
