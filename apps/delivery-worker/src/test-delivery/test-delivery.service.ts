import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Outcome, TestReply, TestRequest } from '@kirisan/contracts';
import { DeliveryWorkerConfig } from '../delivery-worker.config.js';
import { type ClaimAnswer, ClaimsClient, type Granted } from '../deliver/claims.client.js';
import { type Match, matchOf, type RoutedEvent } from '../deliver/match.js';
import { PostService } from '../deliver/post.service.js';

const refused = (code: string, message: string): TestReply => ({ error: { code, message } });
const BUSY = refused('busy', 'Too many test deliveries are under way. Try again in a moment.');
const NO_LOG = refused('log_unavailable', 'The delivery log is not available, so nothing was sent.');
const NOT_RECORDED = refused(
  'not_recorded',
  'The delivery log does not take this test, so nothing was sent.',
);
const REPEATED = refused('claim_lost', 'This test delivery was already made.');

/** Makes a test delivery: claimed, sent and recorded like a live one, but apart from the endpoints' lanes. */
@Injectable()
export class TestDeliveryService {
  private underWay = 0;

  constructor(
    private readonly claims: ClaimsClient,
    private readonly posts: PostService,
    private readonly config: DeliveryWorkerConfig,
  ) {}

  async run(request: TestRequest): Promise<TestReply> {
    if (this.underWay >= this.config.maxTestsInFlight) return BUSY;
    this.underWay++;
    try {
      return await this.deliver(request);
    } finally {
      this.underWay--;
    }
  }

  private async deliver({ facts, payload, endpoint }: TestRequest): Promise<TestReply> {
    const event: RoutedEvent = {
      facts: { ...facts, production: false, endpointIds: [endpoint.id] },
      payload: Buffer.from(payload),
    };
    const answer = await this.claim({ ...matchOf(event, endpoint.id), test: endpoint });
    if (!answer) return NO_LOG;
    if (answer.refused !== undefined) return NOT_RECORDED;
    const [granted] = answer.granted;
    return granted ? { outcome: await this.post(granted) } : REPEATED;
  }

  /** A person waits: without an answer in time nothing is sent, and the row says so if the claim is granted later. */
  private async claim(match: Match): Promise<ClaimAnswer | undefined> {
    const stop = new AbortController();
    const asked = this.claims.claim(match.event, [match]);
    const late = sleep(this.config.testClaimMs, undefined, { signal: stop.signal }).catch(() => undefined);
    const answer = await Promise.race([asked, late]);
    stop.abort();
    if (!answer) {
      match.isAbandoned = true;
      void asked.then(({ granted }) => granted.forEach((one) => this.posts.start(one)));
    }
    return answer;
  }

  private post(granted: Granted): Promise<Outcome> {
    return new Promise((resolve) => this.posts.start(granted, resolve));
  }
}
