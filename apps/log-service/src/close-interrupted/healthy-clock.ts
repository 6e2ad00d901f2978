/** A gap longer than this between two looks is a freeze of ours, and counts for no more than this. */
const LONGEST_STEP_MS = 1_000;

/**
 * Time in which this process could have heard heartbeats: a monotonic clock that stands still while PostgreSQL or NATS
 * is away and while the process itself is frozen. Silence is measured by it, so that nobody is declared dead for a
 * deafness of ours.
 */
export class HealthyClock {
  private elapsed = 0;
  private lastLook: number | undefined;
  private wasHealthy = false;

  /** Healthy milliseconds so far. */
  get now(): number {
    return this.elapsed;
  }

  /** `monotonicMs` is when the look ended. Only the time between two healthy looks counts. */
  look(monotonicMs: number, healthy: boolean): void {
    const step = this.lastLook === undefined ? 0 : monotonicMs - this.lastLook;
    if (healthy && this.wasHealthy) this.elapsed += Math.min(step, LONGEST_STEP_MS);
    this.lastLook = monotonicMs;
    this.wasHealthy = healthy;
  }
}
