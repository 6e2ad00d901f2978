import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { decodeClaimRequest, SUBJECTS } from '@kirisan/contracts';
import { type ClaimAnswer, ClaimService } from './claim.service.js';

/** Answers the workers' claims. An error is answered as such, and makes the worker ask again. */
@Controller()
export class ClaimHandler {
  constructor(private readonly service: ClaimService) {}

  @MessagePattern(SUBJECTS.claim)
  claim(@Payload() data: Uint8Array): Promise<ClaimAnswer> {
    return this.service.claim(decodeClaimRequest(data));
  }
}
