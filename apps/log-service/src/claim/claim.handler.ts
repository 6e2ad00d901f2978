import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { type ClaimReply, decodeClaimRequest, SUBJECTS } from '@kirisan/contracts';
import { ClaimService } from './claim.service.js';

/** Answers the workers' claims. An error is answered as such: the worker asks again, unless the request itself is wrong. */
@Controller()
export class ClaimHandler {
  constructor(private readonly service: ClaimService) {}

  @MessagePattern(SUBJECTS.claim)
  claim(@Payload() data: Uint8Array): Promise<ClaimReply> {
    return this.service.claim(decodeClaimRequest(data));
  }
}
