import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { SUBJECTS, type TestReply, type TestRequest } from '@kirisan/contracts';
import { TestDeliveryService } from './test-delivery.service.js';

/** Answers the registry, which asks for test deliveries. */
@Controller()
export class TestDeliveryHandler {
  constructor(private readonly service: TestDeliveryService) {}

  @MessagePattern(SUBJECTS.test)
  run(@Payload() data: Uint8Array): Promise<TestReply> {
    return this.service.run(JSON.parse(Buffer.from(data).toString()) as TestRequest);
  }
}
