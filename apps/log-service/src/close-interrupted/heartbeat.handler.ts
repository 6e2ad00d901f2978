import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { SUBJECTS } from '@kirisan/contracts';
import { WorkerSilence } from './worker-silence.js';

const MAX_INCARNATION = 256;

/** Hears the workers' signs of life; every copy does, so that any of them may take the lease over. */
@Controller()
export class HeartbeatHandler {
  constructor(private readonly silence: WorkerSilence) {}

  @EventPattern(SUBJECTS.heartbeat)
  hear(@Payload() data: Uint8Array): void {
    const incarnation = incarnationOf(data);
    if (incarnation !== undefined) this.silence.heard(incarnation);
  }
}

/** A sign that nobody understands is none. */
function incarnationOf(data: Uint8Array): string | undefined {
  try {
    const { incarnation } = JSON.parse(Buffer.from(data).toString('utf8')) as { incarnation?: unknown };
    return typeof incarnation === 'string' && incarnation.length <= MAX_INCARNATION ? incarnation : undefined;
  } catch {
    return undefined;
  }
}
