import { Injectable, Logger } from '@nestjs/common';
import { isSuccess, type Outcome, SECRET_HEADER } from '@kirisan/contracts';
import { Sender, type SendResult } from '@kirisan/outbound';
import { failpoint, Metrics } from '@kirisan/service';
import { DeliveryWorkerConfig } from '../delivery-worker.config.js';
import type { Granted } from './claims.client.js';
import { EndpointLanes } from './endpoint-lanes.js';
import { withoutSecret } from './mask-secret.js';
import type { Match, RoutedEvent } from './match.js';
import { OutcomePublisher } from './outcome.publisher.js';
import { refusedOutcome, REFUSALS } from './refusal.js';

type Finished = (outcome: Outcome) => void;

/** Ends that held a slot for as long as the endpoint pleased. */
const TIMEOUTS: ReadonlySet<string> = new Set(['timeout', 'connect_timeout', 'dns_timeout', 'tls_timeout']);
/** Ends that the operator should see the reason of. */
const NOTABLE: ReadonlySet<string> = new Set(['target_not_allowed', 'internal', 'request_invalid']);

/** Makes the one POST of a granted match, or says why there is none; an outcome is published in either case. */
@Injectable()
export class PostService {
  private readonly logger = new Logger('post');
  private readonly duration;
  private readonly delay;
  private underWay = 0;
  private onDrained: (() => void)[] = [];

  constructor(
    private readonly sender: Sender,
    private readonly lanes: EndpointLanes,
    private readonly outcomes: OutcomePublisher,
    private readonly config: DeliveryWorkerConfig,
    metrics: Metrics,
  ) {
    this.duration = metrics.histogram('worker_post_ms', 'Milliseconds of a whole exchange');
    this.delay = metrics.histogram(
      'worker_acceptance_to_post_ms',
      "Milliseconds from an event's acceptance to its POST",
    );
    metrics.gauge('worker_in_flight', 'Deliveries in flight', () => this.underWay);
    metrics.gauge(
      'worker_unanswered',
      'Live deliveries without an answer for a second',
      () => lanes.unansweredCount,
    );
    metrics.gauge('worker_connections', 'Open connections to endpoints', () => sender.stats().connections);
    metrics.gauge('worker_connections_opened', 'Connections opened so far', () => sender.stats().opened);
    metrics.gauge(
      'worker_connections_reused',
      'POSTs on a used connection so far',
      () => sender.stats().reused,
    );
  }

  /** POSTs under way, live and test. */
  get inFlight(): number {
    return this.underWay;
  }

  /** Begins the POST in this turn, if it is to be made; `finished` gets its outcome. */
  start(granted: Granted, finished?: Finished): void {
    const { match, target, askedAt } = granted;
    const refusal = target.refusal ?? (this.isLate(match, askedAt) ? REFUSALS.late : undefined);
    if (refusal) {
      if (match.lane) this.lanes.release(match.lane);
      this.publish(refusedOutcome(match.id, refusal), finished);
    } else {
      void this.post(granted, finished);
    }
  }

  /** Resolves when no POST is under way. */
  async drained(): Promise<void> {
    if (this.underWay > 0) await new Promise<void>((resolve) => this.onDrained.push(resolve));
  }

  private async post({ match, target, askedAt }: Granted, finished?: Finished): Promise<void> {
    const { url, headers } = target;
    const { facts } = match.event;
    const slot = match.lane && this.lanes.beginPost(match.lane);
    const timeoutMs = facts.production ? this.config.liveTimeoutMs : this.config.testTimeoutMs;
    const startedAt = Date.now();
    this.underWay++;
    if (match.parkedAt === undefined) this.delay.observe(startedAt - facts.acceptedAt);
    // A slow look-up may take a while; a process that was frozen meanwhile must not begin to write.
    const startBefore = askedAt + this.config.claimWriteMs;
    const sending = this.sender.post({ url, headers, body: bodyOf(match.event), timeoutMs, startBefore });
    failpoint('worker.posting');
    const result = withoutSecret(await sending, headers[SECRET_HEADER]);
    failpoint('worker.answered');
    this.underWay--;
    if (slot) this.lanes.endPost(slot, TIMEOUTS.has(result.error?.code ?? ''));
    this.duration.observe(result.durationMs);
    if (result.detail !== undefined) this.note(match, result);
    this.publish(outcomeOf(match.id, result, startedAt), finished);
    if (this.underWay === 0) for (const resolve of this.onDrained.splice(0)) resolve();
  }

  private isLate({ isAbandoned }: Match, askedAt: number): boolean {
    return isAbandoned === true || performance.now() > askedAt + this.config.claimStartMs;
  }

  private publish(outcome: Outcome, finished: Finished | undefined): void {
    this.outcomes.publish(outcome);
    finished?.(outcome);
  }

  private note({ endpointId, id }: Match, { error, detail }: SendResult): void {
    const facts = { id, endpointId, code: error?.code, detail };
    if (NOTABLE.has(error?.code ?? '')) this.logger.warn(facts, 'a delivery was not possible', '');
    else this.logger.debug(facts, 'a delivery failed', '');
  }
}

function bodyOf(event: RoutedEvent): Uint8Array {
  event.body ??= Buffer.from(event.payload);
  return event.body;
}

function outcomeOf(id: string, result: SendResult, startedAt: number): Outcome {
  const { verdict, httpStatus, durationMs, error, timings } = result;
  const { lookupMs, connectMs, tlsMs, firstByteMs } = timings;
  return {
    id,
    status: isSuccess(httpStatus) ? 'success' : 'failed',
    verdict,
    httpStatus,
    durationMs,
    error,
    timings: { lookupMs, connectMs, tlsMs, firstByteMs },
    responseHeaders: result.responseHeaders,
    responseBody: result.responseBody,
    responseTruncated: result.responseTruncated,
    startedAt,
    finishedAt: Date.now(),
  };
}
