export interface BackoffOptions {
  /** Milliseconds of the first pause. */
  initialMs: number;
  /** Milliseconds that no pause exceeds, unless the provider asks for more. */
  maxMs: number;
  /** A number from 0 to 1; default: random. */
  random?: () => number;
}

/** Even a provider that asks for days is asked again within the hour (milliseconds). */
const LONGEST_ASKED_MS = 3_600_000;

/** Pauses that double with each failure, scattered by half so that many devices do not come back at the same moment. */
export class Backoff {
  private failures = 0;

  constructor(private readonly options: BackoffOptions) {}

  /** Milliseconds to wait after a failure; `askedMs` is the least that the provider asked for. */
  next(askedMs = 0): number {
    const { initialMs, maxMs, random = Math.random } = this.options;
    const full = Math.min(maxMs, initialMs * 2 ** Math.min(this.failures++, 30));
    const scattered = full * (0.5 + random() / 2);
    return Math.max(scattered, Math.min(askedMs, LONGEST_ASKED_MS));
  }

  reset(): void {
    this.failures = 0;
  }
}
