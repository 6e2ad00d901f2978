import { Injectable } from '@nestjs/common';
import { STREAMS, SUBJECTS } from '@kirisan/contracts';
import type { Backlog, EndpointBacklog } from '@kirisan/log-client';
import { StreamStore } from '../streams/stream-store.client.js';
import type { BacklogDto } from './backlog.dto.js';
import { WorkerLanes } from './worker-lanes.js';

const PREFIX = SUBJECTS.parked('');
/** Oldest messages asked for at a time. */
const CONCURRENCY = 16;

/** Shows what waits for saturated endpoints. */
@Injectable()
export class BacklogService {
  constructor(
    private readonly store: StreamStore,
    private readonly lanes: WorkerLanes,
  ) {}

  /** Throws `TransientError` while NATS is away. */
  async backlog({ limit }: BacklogDto): Promise<Backlog> {
    const { messages, subjects } = await this.store.state('PARKED', STREAMS.PARKED.subjects[0]);
    const largest = [...subjects].sort(([, a], [, b]) => b - a).slice(0, limit);
    const items: EndpointBacklog[] = [];
    for (let from = 0; from < largest.length; from += CONCURRENCY) {
      const some = largest.slice(from, from + CONCURRENCY);
      items.push(...(await Promise.all(some.map(([subject, count]) => this.endpoint(subject, count)))));
    }
    return { total: messages, endpoints: subjects.size, items };
  }

  private async endpoint(subject: string, count: number): Promise<EndpointBacklog> {
    const endpointId = subject.slice(PREFIX.length);
    const oldest = await this.store.next('PARKED', 1, subject);
    const lane = this.lanes.of(endpointId);
    return {
      endpointId,
      count,
      oldestAgeMs: oldest ? Math.max(0, Date.now() - oldest.time.getTime()) : null,
      inFlight: lane?.inFlight ?? null,
      cap: lane?.cap ?? null,
    };
  }
}
