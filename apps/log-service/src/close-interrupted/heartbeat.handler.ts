import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { SUBJECTS } from '@kirisan/contracts';
import { WorkerLanes } from '../backlog/worker-lanes.js';
import { WorkerSilence } from './worker-silence.js';

const MAX_INCARNATION = 256;

/** Hears the workers' signs of life; every copy does, so that any of them may take the lease over. */
@Controller()
export class HeartbeatHandler {
  constructor(
    private readonly silence: WorkerSilence,
    private readonly lanes: WorkerLanes,
  ) {}

  @EventPattern(SUBJECTS.heartbeat)
  hear(@Payload() data: Uint8Array): void {
    const heard = read(data);
    if (!heard) return;
    this.silence.heard(heard.incarnation);
    this.lanes.heard(heard.incarnation, heard.lanes);
  }
}

/** A sign that nobody understands is none. */
function read(data: Uint8Array): { incarnation: string; lanes: unknown } | undefined {
  try {
    const { incarnation, lanes } = JSON.parse(Buffer.from(data).toString('utf8')) as Record<string, unknown>;
    if (typeof incarnation !== 'string' || incarnation.length > MAX_INCARNATION) return undefined;
    return { incarnation, lanes };
  } catch {
    return undefined;
  }
}
