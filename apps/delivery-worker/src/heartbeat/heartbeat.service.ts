import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SUBJECTS, type WorkerHeartbeat } from '@kirisan/contracts';
import { Messaging } from '@kirisan/messaging';
import { DeliveryWorkerConfig } from '../delivery-worker.config.js';
import { EndpointLanes } from '../deliver/endpoint-lanes.js';
import { Incarnation } from '../deliver/incarnation.js';
import { PostService } from '../deliver/post.service.js';

/** Tells the log service that this worker lives, until its last outcome is published. */
@Injectable()
export class HeartbeatService implements OnApplicationBootstrap {
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly messaging: Messaging,
    private readonly incarnation: Incarnation,
    private readonly posts: PostService,
    private readonly lanes: EndpointLanes,
    private readonly config: DeliveryWorkerConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.beat();
    this.timer = setInterval(() => this.beat(), this.config.heartbeatMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private beat(): void {
    const lanes = this.lanes.facts();
    const heartbeat: WorkerHeartbeat = {
      incarnation: this.incarnation.id,
      inFlight: this.posts.inFlight,
      ...(lanes.length > 0 && { lanes }),
    };
    this.messaging.emit(SUBJECTS.heartbeat, Buffer.from(JSON.stringify(heartbeat)));
  }
}
