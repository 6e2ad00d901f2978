import type { ConsumerSpec } from '@kirisan/contracts';
import { errorText } from '@kirisan/service';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import type { Messaging } from '../connection/messaging.js';
import { addConsumer } from '../topology/durable-consumer.js';

const LOOK_EVERY_MS = 5_000;

/**
 * Keeps a durable consumer usable for its reader. One that is gone is made again. One that has been given messages beyond
 * the end of its stream (the stream lost its last ones, or was restored from an older copy) would pass over whatever
 * comes next until the sequences have caught up: it is made anew, and begins with the oldest message.
 */
export class ConsumerCare {
  private readonly logger: Logger;
  private timer?: NodeJS.Timeout;
  private looking: Promise<void> = Promise.resolve();
  /** When the consumer was made that was found ahead at the last look. */
  private suspect?: string;

  constructor(
    private readonly messaging: Messaging,
    private readonly spec: ConsumerSpec,
    /** Called when it was made: whoever reads the former one has to open it again. */
    private readonly onMade: () => void = () => undefined,
  ) {
    this.logger = new Logger(`consumer:${spec.name}`);
  }

  start(): void {
    this.timer = setInterval(() => (this.looking = this.tryLook()), LOOK_EVERY_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** Looks once. A consumer has to be found ahead twice, as cluster nodes may disagree for a moment. */
  async look(): Promise<void> {
    const manager = await this.messaging.manager();
    const { stream, name } = this.spec;
    const info = await found(manager.consumers.info(stream, name));
    if (!info) return this.makeAgain(manager);
    // The stream is asked second: it only grows, so that a consumer in order is never found ahead.
    const last = (await manager.streams.info(stream)).state.last_seq;
    const isAhead = info.delivered.stream_seq > last;
    if (isAhead && this.suspect === info.created) await this.makeAnew(manager, info, last);
    else this.suspect = isAhead ? info.created : undefined;
  }

  private async tryLook(): Promise<void> {
    if (!this.messaging.connected) return;
    try {
      await this.look();
    } catch (error) {
      this.logger.debug({ error: errorText(error) }, 'could not be looked at', '');
    }
  }

  private async makeAgain(manager: JetStreamManager): Promise<void> {
    await addConsumer(manager, this.spec);
    this.onMade();
    this.logger.warn(this.spec, 'was gone and is made again', '');
  }

  private async makeAnew(
    manager: JetStreamManager,
    { created, delivered }: ConsumerInfo,
    last: number,
  ): Promise<void> {
    const { stream, name } = this.spec;
    this.suspect = undefined;
    // Another copy may have been faster.
    if ((await found(manager.consumers.info(stream, name)))?.created !== created) return;
    await manager.consumers.delete(stream, name);
    await addConsumer(manager, this.spec);
    this.onMade();
    this.logger.error(
      { stream, delivered: delivered.stream_seq, last },
      'was ahead of its stream and is made anew',
      '',
    );
  }
}

async function found(asked: Promise<ConsumerInfo>): Promise<ConsumerInfo | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (/consumer not found/i.test(errorText(error))) return undefined;
    throw error;
  }
}
