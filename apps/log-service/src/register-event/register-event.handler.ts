import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { SUBJECTS } from '@kirisan/contracts';
import { failpoint } from '@kirisan/service';
import { RegisterEventService } from './register-event.service.js';

/** Records events that matched nothing, as the router reports them. */
@Controller()
export class RegisterEventHandler {
  constructor(private readonly service: RegisterEventService) {}

  @EventPattern(SUBJECTS.unmatched)
  async register(@Payload() data: Uint8Array): Promise<void> {
    await this.service.take(data);
    failpoint('log.registered');
  }
}
