import { Injectable } from '@nestjs/common';
import type { UnmatchedReason } from '@kirisan/contracts';
import { Metrics } from '@kirisan/service';
import type { Counter, Histogram } from 'prom-client';

/** What the router counts. */
@Injectable()
export class RouterMetrics {
  private readonly matches: Counter;
  private readonly events: Counter<'outcome'>;
  private readonly age: Histogram;

  constructor(metrics: Metrics) {
    this.matches = metrics.counter('router_matches_total', 'Matches routed');
    this.events = metrics.counter(
      'router_events_total',
      'Events routed, by outcome: matched, or the reason for none',
      ['outcome'],
    );
    this.age = metrics.histogram('router_event_age_ms', 'Milliseconds from acceptance to routing');
  }

  matched(acceptedAt: number, count: number): void {
    this.matches.inc(count);
    this.done(acceptedAt, 'matched');
  }

  unmatched(acceptedAt: number, reason: UnmatchedReason): void {
    this.done(acceptedAt, reason);
  }

  private done(acceptedAt: number, outcome: string): void {
    this.events.inc({ outcome });
    this.age.observe(Math.max(0, Date.now() - acceptedAt));
  }
}
