import type { JsMsg } from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import { errorText } from '@kirisan/service';
import type { EndpointLane } from '../deliver/endpoint-lane.js';
import type { EndpointLanes } from '../deliver/endpoint-lanes.js';
import type { ParkedConsumer } from './parked.consumer.js';

export interface EndpointDrainOptions {
  lane: EndpointLane;
  lanes: EndpointLanes;
  consumer: ParkedConsumer;
  /** Takes a message that has a slot in the lane, and gives the slot back if there is no POST. */
  take: (message: JsMsg) => void;
  /** Messages of the endpoint that this worker has in hand and not settled. */
  inHand: () => number;
}

const MAX_FETCH = 100;
/** Room may become free elsewhere, where nobody tells this lane. */
const LOOK_AGAIN_MS = 500;

/** Fetches what is parked for one endpoint, never more than it has free slots, until nothing is left. */
export class EndpointDrain {
  private readonly logger = new Logger('drain');
  private isStopped = false;
  private wake: () => void = () => undefined;

  constructor(private readonly options: EndpointDrainOptions) {}

  /** Resolves when nothing is parked any more, or soon after {@link stop}. */
  async run(): Promise<void> {
    const { lane } = this.options;
    lane.hasBacklog = true;
    lane.onFreed = () => this.wake();
    while (!this.isStopped) {
      try {
        if (!(await this.step())) break;
      } catch (error) {
        this.logger.debug(
          { endpointId: lane.endpointId, error: errorText(error) },
          'parked matches wait',
          '',
        );
        await this.pause();
      }
    }
    lane.onFreed = undefined;
    lane.hasBacklog = false;
    lane.isOverrun = false;
  }

  stop(): void {
    this.isStopped = true;
    this.wake();
  }

  /** Answers false when nothing is parked any more. */
  private async step(): Promise<boolean> {
    const { lane, lanes, consumer, inHand } = this.options;
    const waiting = (await consumer.waiting()) - inHand();
    if (waiting <= 0 && inHand() === 0) return false;
    const slots = waiting > 0 ? lanes.takeUpTo(lane, Math.min(waiting, MAX_FETCH)) : 0;
    if (slots > 0) await this.fetch(slots);
    else await this.pause();
    return true;
  }

  private async fetch(slots: number): Promise<void> {
    const { lane, lanes, consumer, take } = this.options;
    let free = slots;
    try {
      await consumer.fetch(slots, (message) => {
        free--;
        take(message);
      });
    } finally {
      while (free-- > 0) lanes.release(lane);
    }
  }

  /** Until a slot of the endpoint is free, or for a moment. */
  private async pause(): Promise<void> {
    if (this.isStopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_AGAIN_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }
}
