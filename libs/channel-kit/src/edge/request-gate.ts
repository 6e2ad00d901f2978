import { HttpException, Injectable, ServiceUnavailableException } from '@nestjs/common';
import { IngestorConfig } from '../ingestor.config.js';

const WINDOW_MS = 1_000;

/** Limits what strangers may ask of us at a time and in a second. */
@Injectable()
export class RequestGate {
  private inWork = 0;
  private windowEnds = 0;
  private counts = new Map<string, number>();

  constructor(private readonly config: IngestorConfig) {}

  /** Throws 429 when this source asked for this key too often in the running second. */
  count(source: string, key: string): void {
    const limit = this.config.maxRequestsPerSecond;
    if (limit === 0) return;
    const now = Date.now();
    if (now >= this.windowEnds) {
      this.windowEnds = now + WINDOW_MS;
      this.counts = new Map();
    }
    const id = `${source} ${key}`;
    const count = (this.counts.get(id) ?? 0) + 1;
    this.counts.set(id, count);
    if (count > limit) throw new HttpException('more requests in a second than are allowed', 429);
  }

  /** Throws 503 when too many requests are in work; else {@link leave} must follow. */
  enter(): void {
    if (this.inWork >= this.config.maxConcurrentRequests)
      throw new ServiceUnavailableException('too many requests at a time');
    this.inWork++;
  }

  leave(): void {
    this.inWork--;
  }
}
