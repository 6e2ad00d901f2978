import { Controller } from '@nestjs/common';
import { type ActivateReply, type ActivateRequest, SUBJECTS } from '@kirisan/contracts';
import { PermanentError } from '@kirisan/service';
import { MessagePattern } from '@nestjs/microservices';
import { isUUID } from 'class-validator';
import { ActivateEndpointService } from './activate-endpoint.service.js';

/** Answers routers that saw a real message for a pending endpoint. */
@Controller()
export class ActivateEndpointHandler {
  constructor(private readonly service: ActivateEndpointService) {}

  @MessagePattern(SUBJECTS.activate)
  activate(data: Uint8Array): Promise<ActivateReply> {
    const request = JSON.parse(Buffer.from(data).toString('utf8')) as Partial<ActivateRequest> | null;
    const { endpointId, revision } = request ?? {};
    if (!isUUID(endpointId) || !Number.isSafeInteger(revision))
      throw new PermanentError('not an activation request');
    return this.service.firstMessage({ endpointId: endpointId!, revision: revision! });
  }
}
