import { Injectable } from '@nestjs/common';
import { STREAMS } from '@kirisan/contracts';
import { Messaging } from '@kirisan/messaging';

/** Where the stream of outcomes begins and ends. */
@Injectable()
export class OutcomeStream {
  constructor(private readonly messaging: Messaging) {}

  /**
   * A message leaves this work queue when it is acknowledged, that is when its outcomes are committed: all up to `n` are
   * in the log when `first` is beyond `n`.
   */
  async sequences(): Promise<{ first: number; last: number }> {
    const manager = await this.messaging.manager();
    const { state } = await manager.streams.info(STREAMS.OUTCOMES.name);
    return { first: state.messages === 0 ? state.last_seq + 1 : state.first_seq, last: state.last_seq };
  }
}
