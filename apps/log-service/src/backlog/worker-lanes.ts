import { Injectable } from '@nestjs/common';
import type { LaneFacts } from '@kirisan/contracts';

/** Several heartbeats: a worker that was not heard for so long says nothing of now. */
const FRESH_MS = 15_000;
const MAX_WORKERS = 1_000;
const MAX_LANES = 200;
const MAX_ID = 128;

interface Heard {
  at: number;
  lanes: Map<string, LaneFacts>;
}

/** What each worker last said of the endpoints that are full, slowed down or have a backlog. */
@Injectable()
export class WorkerLanes {
  private readonly workers = new Map<string, Heard>();

  /** `lanes` is as it came; what is no lane is passed over. `now` is monotonic, in milliseconds. */
  heard(incarnation: string, lanes: unknown, now = performance.now()): void {
    this.workers.delete(incarnation);
    this.workers.set(incarnation, { at: now, lanes: lanesOf(lanes) });
    if (this.workers.size > MAX_WORKERS) this.workers.delete(this.workers.keys().next().value!);
  }

  /** Sums over the workers that speak of the endpoint; undefined when none does. */
  of(endpointId: string, now = performance.now()): LaneFacts | undefined {
    let sum: LaneFacts | undefined;
    for (const [incarnation, { at, lanes }] of this.workers) {
      if (now - at > FRESH_MS) this.workers.delete(incarnation);
      const lane = now - at > FRESH_MS ? undefined : lanes.get(endpointId);
      if (!lane) continue;
      sum = { endpointId, inFlight: (sum?.inFlight ?? 0) + lane.inFlight, cap: (sum?.cap ?? 0) + lane.cap };
    }
    return sum;
  }
}

function lanesOf(lanes: unknown): Map<string, LaneFacts> {
  const known = new Map<string, LaneFacts>();
  if (!Array.isArray(lanes)) return known;
  for (const lane of lanes.slice(0, MAX_LANES) as (Partial<LaneFacts> | null)[]) {
    const { endpointId, inFlight, cap } = lane ?? {};
    if (typeof endpointId !== 'string' || endpointId.length > MAX_ID) continue;
    if (isCount(inFlight) && isCount(cap)) known.set(endpointId, { endpointId, inFlight, cap });
  }
  return known;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
