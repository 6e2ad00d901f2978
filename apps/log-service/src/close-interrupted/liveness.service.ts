import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Lease, Messaging } from '@kirisan/messaging';
import { DatabasePulse } from '../storage/database-pulse.js';
import { CloseInterruptedService } from './close-interrupted.service.js';
import { WorkerSilence } from './worker-silence.js';

const LOOK_MS = 500;
const DEADLINE_MS = 2_000;

/** Keeps the healthy clock going in every copy, and lets one of them close rows. */
@Injectable()
export class LivenessService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stop = new AbortController();
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly silence: WorkerSilence,
    private readonly closing: CloseInterruptedService,
    private readonly messaging: Messaging,
    private readonly pulse: DatabasePulse,
  ) {}

  onApplicationBootstrap(): void {
    const lease = new Lease(this.messaging, 'log-service.close-interrupted', randomUUID());
    const { signal } = this.stop;
    this.running = Promise.all([
      this.keepLooking(signal),
      lease.hold((held) => this.closing.watch(held), signal),
    ]);
  }

  async onModuleDestroy(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  private async keepLooking(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const [database, nats] = await Promise.all([this.pulse.answers(), this.natsAnswers()]);
      this.silence.clock.look(performance.now(), database && nats);
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** The server's answer comes after every heartbeat that it had sent before: those have been heard, too, then. */
  private async natsAnswers(): Promise<boolean> {
    if (!this.messaging.connected) return false;
    const late = sleep(DEADLINE_MS, false, { ref: false });
    const answer = this.messaging.nc.flush().then(
      () => this.messaging.connected,
      () => false,
    );
    return Promise.race([answer, late]);
  }
}
