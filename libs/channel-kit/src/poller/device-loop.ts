import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { errorText, TransientError } from '@kirisan/service';
import type { ChannelDevice } from '../channel.js';
import type { DeviceHealthReporter } from '../devices/device-health.reporter.js';
import { Backoff, type BackoffOptions } from './backoff.js';
import { ConnectorError, type ConnectorSession } from './connector.js';

/** Lets one copy of the service at a time run a task; `Lease` of the messaging library is one. */
export interface Turn {
  hold(task: (held: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void>;
}

export interface DeviceLoopOptions {
  device: ChannelDevice<unknown>;
  turn: Turn;
  open: () => ConnectorSession;
  health: Pick<DeviceHealthReporter, 'seen' | 'failed'>;
  backoff: BackoffOptions;
  /** Settles when the loop that this one replaces is gone. */
  after?: Promise<void>;
}

/** Looks after one device, round by round, whenever it is this copy's turn; no failure ends it. */
export class DeviceLoop {
  private readonly logger = new Logger('poller');
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  private problem?: string;

  constructor(private readonly options: DeviceLoopOptions) {
    const { turn, after = Promise.resolve() } = options;
    this.running = after.then(() => turn.hold((held) => this.run(held), this.stopping.signal));
  }

  /** Whether this copy looks after the device and its last round failed. */
  get isFailing(): boolean {
    return this.problem !== undefined;
  }

  /** Resolves when nothing of it runs any more: what was fetched may still be stored, nothing new is asked. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(held: AbortSignal): Promise<void> {
    const session = this.options.open();
    const backoff = new Backoff(this.options.backoff);
    while (!held.aborted) {
      const pause = await this.round(session, backoff, held);
      // Even a pause of 0 gives others their turn: rounds that end at once must not keep the process busy.
      await sleep(pause, undefined, { signal: held }).catch(() => undefined);
    }
    this.problem = undefined;
  }

  /** Resolves with the milliseconds to wait before the next one. */
  private async round(session: ConnectorSession, backoff: Backoff, held: AbortSignal): Promise<number> {
    try {
      const pause = await session.round(held);
      if (!held.aborted) this.succeeded();
      backoff.reset();
      return pause;
    } catch (error) {
      const pause = backoff.next(error instanceof ConnectorError ? error.retryAfterMs : 0);
      if (!held.aborted) this.failed(error, pause);
      return pause;
    }
  }

  private succeeded(): void {
    const { device, health } = this.options;
    if (this.problem) this.logger.log({ deviceId: device.id }, 'the connection works again');
    this.problem = undefined;
    health.seen(device.id);
  }

  /** A lasting problem is logged once, and shown as the device's health all the time. */
  private failed(error: unknown, pause: number): void {
    const { device, health } = this.options;
    const reason = reasonOf(error);
    health.failed(device.id, reason);
    if (reason === this.problem) return;
    this.problem = reason;
    const facts = { deviceId: device.id, reason, retryInMs: Math.round(pause) };
    if (isExpected(error)) this.logger.warn(facts, 'the connection does not work');
    else this.logger.error({ ...facts, error: errorText(error) }, 'the connection does not work');
  }
}

const isExpected = (error: unknown) => error instanceof ConnectorError || error instanceof TransientError;

/** What may be shown: only errors that were made to be shown. */
function reasonOf(error: unknown): string {
  if (error instanceof ConnectorError) return error.message;
  if (error instanceof TransientError) return 'events can not be stored at the moment';
  return 'an unexpected error, see the log of the service';
}
