import { Injectable } from '@nestjs/common';
import { HealthyClock } from './healthy-clock.js';

/** Incarnations remembered; the one not heard for longest is forgotten first. */
const MAX_REMEMBERED = 10_000;

/** When each worker was last heard, by the healthy clock. */
@Injectable()
export class WorkerSilence {
  readonly clock = new HealthyClock();
  private readonly lastHeard = new Map<string, number>();

  heard(incarnation: string): void {
    this.lastHeard.delete(incarnation);
    this.lastHeard.set(incarnation, this.clock.now);
    if (this.lastHeard.size > MAX_REMEMBERED) this.lastHeard.delete(this.lastHeard.keys().next().value!);
  }

  /** Healthy milliseconds since its last sign; for one that was never heard, since `otherwise`. */
  of(incarnation: string, otherwise: number): number {
    return this.clock.now - (this.lastHeard.get(incarnation) ?? otherwise);
  }
}
