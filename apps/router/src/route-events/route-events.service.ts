import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { DeviceEntry, EndpointEntry, EventFacts, EventRecord } from '@kirisan/contracts';
import { Directory } from '@kirisan/directory';
import { TransientError } from '@kirisan/service';
import { RouterConfig } from '../router.config.js';
import { ActivationClient } from './activation.client.js';
import { ChannelTraits } from './channel-traits.js';
import { type MatchContext, matchEvent } from './match-event.js';
import { RoutedPublisher } from './routed.publisher.js';
import { RouterMetrics } from './router-metrics.js';

const DAY_MS = 86_400_000;

interface Activated {
  endpointIds: string[];
  directoryRevision: number;
}

/** Event → matches: one record for each event, with all of its matches or with the reason for none. */
@Injectable()
export class RouteEventsService implements OnModuleDestroy {
  private close: () => void;
  private readonly closing = new Promise<never>((_, reject) => {
    this.close = () => reject(new TransientError('the router is being stopped'));
  });

  constructor(
    private readonly directory: Directory,
    private readonly channels: ChannelTraits,
    private readonly activation: ActivationClient,
    private readonly publisher: RoutedPublisher,
    private readonly metrics: RouterMetrics,
    private readonly config: RouterConfig,
  ) {
    this.closing.catch(() => undefined);
  }

  /** What still waits for the directory goes back, to be routed by another copy. */
  onModuleDestroy(): void {
    this.close();
  }

  /**
   * Resolves when the streams have acknowledged what became of every event. An event that can not be routed now holds
   * up none of the others; then it rejects, and the message comes again: what was routed before is known by its id.
   */
  async route(records: readonly EventRecord[]): Promise<void> {
    // Matching against an old directory would be final, so nothing is matched before it is complete and live.
    if (!this.isReady) await Promise.race([this.becomeReady(), this.closing]);
    const results = await Promise.allSettled(records.map((record) => this.routeOne(record)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  private get isReady(): boolean {
    return this.directory.isCaughtUp && this.channels.isCaughtUp;
  }

  private async becomeReady(): Promise<void> {
    while (!this.isReady) await Promise.all([this.directory.caughtUp(), this.channels.caughtUp()]);
  }

  private async routeOne({ facts, payload }: EventRecord<EventFacts>): Promise<void> {
    const { deviceId } = facts;
    const known = deviceId === undefined ? undefined : this.directory.device(deviceId);
    const device = known ?? (deviceId === undefined ? undefined : await this.directory.findDevice(deviceId));
    const { endpointIds, pending, reason } = matchEvent(facts, this.context(device));
    const revision = this.directory.revision;
    const activated = pending.length > 0 ? await this.activate(pending) : undefined;
    const all = activated ? [...endpointIds, ...activated.endpointIds] : endpointIds;
    if (all.length === 0) {
      await this.publisher.publishUnmatched({ facts: { ...facts, reason: reason! }, payload });
      this.metrics.unmatched(facts.acceptedAt, reason!);
      return;
    }
    const directoryRevision = Math.max(revision, activated?.directoryRevision ?? 0);
    await this.publisher.publishRouted({ facts: { ...facts, endpointIds: all, directoryRevision }, payload });
    this.metrics.matched(facts.acceptedAt, all.length);
  }

  private async activate(pending: readonly EndpointEntry[]): Promise<Activated> {
    const replies = await Promise.all(pending.map((endpoint) => this.activation.activate(endpoint)));
    return {
      endpointIds: pending.filter((_, i) => replies[i]!.active).map(({ id }) => id),
      directoryRevision: Math.max(...replies.map((reply) => reply.directoryRevision)),
    };
  }

  private context(device: DeviceEntry | undefined): MatchContext {
    return {
      device,
      endpointsOf: (id) => this.directory.endpointsOf(id),
      firstMessageActivates: (channel) => this.channels.firstMessageActivates(channel),
      horizon: Date.now() - this.config.claimHorizonDays * DAY_MS,
    };
  }
}
