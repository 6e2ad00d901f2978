import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { STREAMS, SUBJECTS } from '@kirisan/contracts';
import { Messaging, MessagesInHand } from '@kirisan/messaging';
import { errorText, Metrics } from '@kirisan/service';
import type { JetStreamManager, JsMsg } from '@nats-io/jetstream';
import { DeliveryWorkerConfig } from '../delivery-worker.config.js';
import { DeliverService } from '../deliver/deliver.service.js';
import { EndpointLanes } from '../deliver/endpoint-lanes.js';
import { KnownEndpoints } from '../deliver/known-endpoints.js';
import { matchOf } from '../deliver/match.js';
import { routedEvents } from '../deliver/routed-events.js';
import { EndpointDrain } from './endpoint-drain.js';
import { ParkedConsumer } from './parked.consumer.js';
import { ParkingClient } from './parking.client.js';

const NANOS_PER_MS = 1_000_000;
const PREFIX = SUBJECTS.parked('');

interface Draining {
  drain: EndpointDrain;
  ended: Promise<void>;
  inHand: number;
}

/** Delivers what was parked, by this worker or another, in this life or an earlier one, as its endpoints have room. */
@Injectable()
export class DrainService implements OnApplicationBootstrap {
  private readonly logger = new Logger('parked');
  private readonly messages: MessagesInHand;
  private readonly draining = new Map<string, Draining>();
  private manager?: JetStreamManager;
  private timer?: NodeJS.Timeout;
  private isStopped = false;

  constructor(
    private readonly messaging: Messaging,
    private readonly endpoints: KnownEndpoints,
    private readonly lanes: EndpointLanes,
    private readonly deliveries: DeliverService,
    private readonly config: DeliveryWorkerConfig,
    parking: ParkingClient,
    metrics: Metrics,
  ) {
    this.messages = new MessagesInHand({
      messaging,
      stream: STREAMS.PARKED.name,
      handle: (subject, data, message) => this.deliver(subject.slice(PREFIX.length), data, message),
    });
    parking.onParked((endpointId) => this.start(endpointId));
    metrics.gauge(
      'worker_endpoints_with_backlog',
      'Endpoints that have parked matches',
      () => this.draining.size,
    );
  }

  onApplicationBootstrap(): void {
    void this.scan();
  }

  /** Fetches no more and waits until what was fetched is claimed. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    const drains = [...this.draining.values()];
    for (const { drain } of drains) drain.stop();
    await Promise.all(drains.map(({ ended }) => ended));
    await this.messages.close();
  }

  private start(endpointId: string): void {
    if (this.isStopped || this.draining.has(endpointId)) return;
    const lane = this.lanes.of(endpointId);
    const drain = new EndpointDrain({
      lane,
      lanes: this.lanes,
      consumer: new ParkedConsumer(this.messaging, endpointId),
      take: (message) => this.take(entry, message),
      inHand: () => entry.inHand,
    });
    const entry: Draining = { drain, inHand: 0, ended: Promise.resolve() };
    this.draining.set(endpointId, entry);
    entry.ended = drain.run().finally(() => this.draining.delete(endpointId));
  }

  private take(entry: Draining, message: JsMsg): void {
    entry.inHand++;
    void this.messages.take(message).finally(() => entry.inHand--);
  }

  /** The message has a slot; it is settled once it is claimed. */
  private async deliver(endpointId: string, data: Uint8Array, message: JsMsg): Promise<void> {
    const lane = this.lanes.of(endpointId);
    let isClaiming = false;
    try {
      const [event] = routedEvents(data);
      await this.endpoints.seen(event!.facts.directoryRevision);
      const parkedAt = message.info.timestampNanos / NANOS_PER_MS;
      isClaiming = true;
      await this.deliveries.claim(event!, [{ ...matchOf(event!, endpointId), lane, parkedAt }]);
    } finally {
      if (!isClaiming) this.lanes.release(lane);
    }
  }

  /** Others park too, and so did earlier lives of this worker. */
  private async scan(): Promise<void> {
    try {
      this.manager ??= await this.messaging.manager();
      const { state } = await this.manager.streams.info(STREAMS.PARKED.name, {
        subjects_filter: STREAMS.PARKED.subjects[0],
      });
      for (const subject of Object.keys(state.subjects ?? {})) this.start(subject.slice(PREFIX.length));
    } catch (error) {
      this.logger.debug({ error: errorText(error) }, 'what is parked is not known', '');
    }
    if (!this.isStopped) this.timer = setTimeout(() => void this.scan(), this.config.parkedScanMs);
  }
}
