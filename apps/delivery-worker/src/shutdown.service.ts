import { type BeforeApplicationShutdown, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Sender } from '@kirisan/outbound';
import { EndpointLanes } from './deliver/endpoint-lanes.js';
import { OutcomePublisher } from './deliver/outcome.publisher.js';
import { PostService } from './deliver/post.service.js';
import { HeartbeatService } from './heartbeat/heartbeat.service.js';
import { DrainService } from './parked/drain.service.js';

/** Stops in order: nothing new is taken, what is being POSTed finishes, its outcomes are stored; signs of life last. */
@Injectable()
export class ShutdownService implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly lanes: EndpointLanes,
    private readonly drains: DrainService,
    private readonly posts: PostService,
    private readonly outcomes: OutcomePublisher,
    private readonly heartbeat: HeartbeatService,
    private readonly sender: Sender,
  ) {}

  /** The readers of messages stop after this, and wait for what they have in hand. */
  async beforeApplicationShutdown(): Promise<void> {
    this.lanes.close();
    await this.drains.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.posts.drained();
    await this.outcomes.drained();
    this.heartbeat.stop();
    await this.sender.close();
  }
}
