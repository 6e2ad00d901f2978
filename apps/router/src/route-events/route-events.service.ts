import { Injectable } from '@nestjs/common';
import type { EndpointEntry, EventFacts, EventRecord, UnmatchedReason } from '@kirisan/contracts';
import { Directory } from '@kirisan/directory';
import { Metrics } from '@kirisan/service';
import type { Counter } from 'prom-client';
import { RouterConfig } from '../router.config.js';
import { ActivationClient } from './activation.client.js';
import { ChannelIndex } from './channel-index.js';
import { matchEvent } from './match-event.js';
import { RoutedPublisher } from './routed.publisher.js';

const DAY_MS = 24 * 3_600 * 1_000;

/** Turns accepted events into their matches, once and for all. */
@Injectable()
export class RouteEventsService {
  private readonly matched: Counter;
  private readonly unmatched: Counter<'reason'>;
  private readonly horizonMs: number;

  constructor(
    private readonly directory: Directory,
    private readonly channels: ChannelIndex,
    private readonly activation: ActivationClient,
    private readonly publisher: RoutedPublisher,
    config: RouterConfig,
    metrics: Metrics,
  ) {
    this.horizonMs = config.claimHorizonDays * DAY_MS;
    this.matched = metrics.counter('matches_total', 'Matches routed');
    this.unmatched = metrics.counter('events_unmatched_total', 'Events without a match', ['reason']);
  }

  /** Resolves when every event is in its next stream; one that has to wait keeps none of the others back. */
  async route(records: readonly EventRecord[]): Promise<void> {
    await Promise.all([this.directory.caughtUp(), this.channels.caughtUp()]);
    const results = await Promise.allSettled(records.map((record) => this.routeOne(record)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  private routeOne(record: EventRecord): Promise<void> {
    const match = matchEvent(record.facts, this.directory, {
      notBefore: Date.now() - this.horizonMs,
      firstMessageActivates: (channel) => this.channels.firstMessageActivates(channel),
    });
    if (match.reason) return this.publishUnmatched(record, match.reason);
    const { endpointIds, toActivate } = match;
    if (toActivate.length > 0) return this.activateAndPublish(record, endpointIds, toActivate);
    return this.publishRouted(record, endpointIds, this.directory.revision);
  }

  private async activateAndPublish(
    record: EventRecord,
    endpointIds: string[],
    toActivate: EndpointEntry[],
  ): Promise<void> {
    let revision = this.directory.revision;
    const all = [...endpointIds];
    for (const { id, revision: seen } of toActivate) {
      const reply = await this.activation.activate({ endpointId: id, revision: seen });
      if (reply.active) all.push(id);
      revision = Math.max(revision, reply.directoryRevision);
    }
    if (all.length > 0) return this.publishRouted(record, all, revision);
    return this.publishUnmatched(record, 'endpoints_inactive');
  }

  private publishRouted(
    { facts, payload }: EventRecord,
    endpointIds: string[],
    directoryRevision: number,
  ): Promise<void> {
    this.matched.inc(endpointIds.length);
    return this.publisher.publishRouted({ facts: { ...facts, endpointIds, directoryRevision }, payload });
  }

  private publishUnmatched(
    { facts, payload }: EventRecord<EventFacts>,
    reason: UnmatchedReason,
  ): Promise<void> {
    this.unmatched.inc({ reason });
    return this.publisher.publishUnmatched({ facts: { ...facts, reason }, payload });
  }
}
