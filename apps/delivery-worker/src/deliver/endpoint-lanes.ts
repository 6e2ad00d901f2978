import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { LaneFacts } from '@kirisan/contracts';
import { TransientError } from '@kirisan/service';
import { DeliveryWorkerConfig } from '../delivery-worker.config.js';
import { EndpointLane, type SlotWaiter } from './endpoint-lane.js';

/** `go`: a slot was taken. `park`: it would wait for a slow endpoint. `wait`: for a slot that is about to become free. */
export type Admission = 'go' | 'park' | 'wait';

/** A POST that is under way in a lane. */
export interface PostInLane {
  lane: EndpointLane;
  period: number;
}

const SWEEP_MS = 100;
/** A POST counts as unanswered after one to two of these. */
const PERIOD_MS = 500;
const MAX_FACTS = 200;

/**
 * Shares the worker's room among endpoints, so that nobody waits for somebody else's slow server: an endpoint may hold
 * so many slots, fewer when it keeps timing out, and all that leave requests unanswered hold a share of the room
 * together; an endpoint that has not answered yet counts with them beyond its first few slots. What an endpoint that does answer can not take at once waits a moment; the rest is parked.
 */
@Injectable()
export class EndpointLanes implements OnModuleDestroy {
  private readonly lanes = new Map<string, EndpointLane>();
  private readonly queued = new Set<EndpointLane>();
  private readonly sweeping: NodeJS.Timeout;
  private readonly slowRoom: number;
  private total = 0;
  private unanswered = 0;
  private suspects = 0;
  private period = 0;
  private sweeps = 0;
  private isClosed = false;

  constructor(private readonly config: DeliveryWorkerConfig) {
    this.slowRoom = config.maxInFlight * config.saturatedShare;
    this.sweeping = setInterval(() => this.sweep(), SWEEP_MS);
    this.sweeping.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.sweeping);
  }

  /** Slots that are taken. */
  get taken(): number {
    return this.total;
  }

  /** POSTs that have been waiting for their answer for longer than a moment. */
  get unansweredCount(): number {
    return this.unanswered;
  }

  of(endpointId: string): EndpointLane {
    let lane = this.lanes.get(endpointId);
    if (!lane) {
      lane = new EndpointLane(endpointId, this.config.maxInFlightPerEndpoint);
      this.lanes.set(endpointId, lane);
    }
    return lane;
  }

  /** Takes a slot for a new match, or says what is to become of it. From `park` on, the lane has a backlog. */
  admit(lane: EndpointLane): Admission {
    if (lane.isBehindBacklog) return 'park';
    if (lane.waiters.length === 0 && this.hasRoom(lane)) {
      this.take(lane);
      return 'go';
    }
    if (!this.isStuck(lane)) return 'wait';
    setBacklog(lane, false);
    return 'park';
  }

  /** Resolves with true once a slot was taken, with false if the match is to be parked; rejects when the worker stops. */
  wait(lane: EndpointLane): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const waiter: SlotWaiter = { since: performance.now(), decide: resolve, giveUp: reject };
      if (this.isClosed) return waiter.giveUp(stopping());
      lane.waiters.push(waiter);
      this.queued.add(lane);
    });
  }

  /** Takes up to `count` slots for parked matches; returns how many. */
  takeUpTo(lane: EndpointLane, count: number): number {
    let taken = 0;
    for (; taken < count && this.hasRoom(lane); taken++) this.take(lane);
    return taken;
  }

  /** Gives a slot back. */
  release(lane: EndpointLane): void {
    const wasFull = this.total >= this.config.maxInFlight;
    lane.inFlight--;
    this.total--;
    if (!lane.hasAnswered) this.suspects--;
    if (lane.waiters.length > 0) this.serve(lane);
    lane.onFreed?.();
    if (wasFull) this.serveOthers();
  }

  beginPost(lane: EndpointLane): PostInLane {
    lane.beginPost();
    return { lane, period: this.period };
  }

  /** The POST is over; its slot is given back. */
  endPost({ lane, period }: PostInLane, timedOut: boolean): void {
    lane.endPost(this.period - period);
    if (timedOut) lane.noteTimeout(this.config.slowAfterTimeouts, this.config.slowEndpointInFlight);
    else lane.noteAnswer();
    this.release(lane);
  }

  /** The lanes that somebody should know of. */
  facts(): LaneFacts[] {
    const notable = [...this.lanes.values()].filter(
      (lane) => lane.hasBacklog || lane.isReduced || lane.isFull,
    );
    notable.sort((a, b) => b.inFlight - a.inFlight);
    return notable
      .slice(0, MAX_FACTS)
      .map(({ endpointId, inFlight, cap }) => ({ endpointId, inFlight, cap }));
  }

  /** Nobody gets a slot any more by waiting: what waits goes back to its stream, for another worker. */
  close(): void {
    this.isClosed = true;
    for (const lane of this.queued) for (const waiter of lane.waiters.splice(0)) waiter.giveUp(stopping());
    this.queued.clear();
  }

  private hasRoom(lane: EndpointLane): boolean {
    if (this.total >= this.config.maxInFlight || lane.isFull) return false;
    if (this.suspects < this.slowRoom) return true;
    return !lane.isSlow && (lane.hasAnswered || lane.inFlight < this.config.slowEndpointInFlight);
  }

  /** Waiting for a slot would be waiting for a server that does not answer. */
  private isStuck(lane: EndpointLane): boolean {
    if (lane.isFull) return lane.isReduced || lane.isSlow;
    return lane.isSlow && this.suspects >= this.slowRoom;
  }

  private take(lane: EndpointLane): void {
    lane.inFlight++;
    this.total++;
    if (!lane.hasAnswered) this.suspects++;
  }

  private serve(lane: EndpointLane): void {
    while (lane.waiters.length > 0 && this.hasRoom(lane)) {
      this.take(lane);
      lane.waiters.shift()!.decide(true);
    }
    if (lane.waiters.length === 0) this.queued.delete(lane);
  }

  private serveOthers(): void {
    for (const lane of this.queued) {
      if (this.total >= this.config.maxInFlight) return;
      this.serve(lane);
    }
  }

  private sweep(): void {
    for (const lane of this.queued) {
      this.serve(lane);
      if (this.isStuck(lane)) this.turnAway(lane, Infinity, false);
      else if (!this.isHeldUp(lane)) this.turnAway(lane, performance.now() - this.config.slotWaitMs, true);
    }
    if (++this.sweeps % (PERIOD_MS / SWEEP_MS) === 0) this.nextPeriod();
    this.recount();
  }

  /** While the worker itself is full, or claims are not answered, nothing is parked: that would be everything. */
  private isHeldUp(lane: EndpointLane): boolean {
    return this.total >= this.config.maxInFlight || lane.isMostlyClaiming;
  }

  /** Parks what has waited since before `since`. */
  private turnAway(lane: EndpointLane, since: number, overrun: boolean): void {
    while (lane.waiters.length > 0 && lane.waiters[0]!.since <= since) {
      setBacklog(lane, overrun);
      lane.waiters.shift()!.decide(false);
    }
    if (lane.waiters.length === 0) this.queued.delete(lane);
  }

  private nextPeriod(): void {
    this.period++;
    for (const [endpointId, lane] of this.lanes) {
      lane.age();
      if (lane.isForgettable) this.lanes.delete(endpointId);
    }
  }

  /** Cheaper than keeping the sums exact at every turn a lane may take. */
  private recount(): void {
    this.unanswered = 0;
    this.suspects = 0;
    for (const lane of this.lanes.values()) {
      this.unanswered += lane.unansweredCount;
      this.suspects += lane.suspectCount;
    }
  }
}

/** A backlog that began with a burst stays one only for as long as the endpoint answers. */
function setBacklog(lane: EndpointLane, overrun: boolean): void {
  lane.isOverrun = overrun && (lane.isOverrun || !lane.hasBacklog);
  lane.hasBacklog = true;
}

function stopping(): TransientError {
  return new TransientError('the worker is stopping');
}
