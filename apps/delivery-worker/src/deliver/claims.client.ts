import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { type ClaimReply, encodeClaimRequest, LIMITS, SUBJECTS } from '@kirisan/contracts';
import { Batcher, Messaging } from '@kirisan/messaging';
import { errorText, Metrics, PermanentError, TransientError } from '@kirisan/service';
import { DeliveryWorkerConfig } from '../delivery-worker.config.js';
import { Incarnation } from './incarnation.js';
import type { Match, RoutedEvent } from './match.js';
import { claimItem, type Target, TargetService } from './target.service.js';

/** A match that this worker, and nobody else, may POST. */
export interface Granted {
  match: Match;
  target: Target;
  /** `performance.now()` of the ask that was answered. */
  askedAt: number;
}

/** What became of the matches of one event. */
export interface ClaimAnswer {
  granted: Granted[];
  /** Somebody else has them. */
  lost: Match[];
  /** Why the event or one of its matches can never be recorded. */
  refused?: string;
}

interface Ask {
  event: RoutedEvent;
  matches: Match[];
  answer: ClaimAnswer;
  /** Set when the first request was not answered. */
  answered?: Promise<void>;
}

/** Matches in one request, so that those which are granted start at once. */
export const MAX_MATCHES = 500;
/**
 * Measured: larger requests make bursts of POSTs that open connections instead of using those at hand, which costs more
 * CPU and memory than the requests do.
 */
const MAX_EVENTS = 32;
const REQUESTS_UNDER_WAY = 4;
const MATCH_BYTES = 700;
const ENDPOINT_ID_BYTES = 40;
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
const LOG_EVERY = 10;
/** Asked so long ago that its row has been closed: it ends as not sent, and its row is told. */
const TOO_LATE = -Infinity;

/**
 * Asks the log service for the right to POST. A request has a token of its own and is asked again with it until it is
 * answered, so that a lost reply costs nothing; matches of one request have one token, so none stands in it twice.
 */
@Injectable()
export class ClaimsClient {
  private readonly logger = new Logger('claims');
  private readonly latency;
  private readonly batcher: Batcher<Ask>;
  private unanswered = 0;

  constructor(
    private readonly messaging: Messaging,
    private readonly targets: TargetService,
    private readonly incarnation: Incarnation,
    private readonly config: DeliveryWorkerConfig,
    metrics: Metrics,
  ) {
    this.latency = metrics.histogram('worker_claim_ms', 'Milliseconds from a claim to its answer');
    metrics.gauge(
      'worker_claims_unanswered',
      'Claim requests that are being asked again',
      () => this.unanswered,
    );
    this.batcher = new Batcher<Ask>({
      maxItems: MAX_EVENTS,
      maxWeight: LIMITS.natsPayloadBytes / 4,
      weigh: ({ event, matches }) =>
        event.payload.length +
        event.facts.endpointIds.length * ENDPOINT_ID_BYTES +
        matches.length * MATCH_BYTES,
      concurrency: REQUESTS_UNDER_WAY,
      flush: (asks) => this.flush(asks),
    });
  }

  /**
   * Registers the event and claims the matches (none is fine, {@link MAX_MATCHES} at most). Waits for as long as the log
   * service is away; never rejects.
   */
  async claim(event: RoutedEvent, matches: Match[]): Promise<ClaimAnswer> {
    const ask: Ask = { event, matches, answer: { granted: [], lost: [] } };
    await this.batcher.add(ask);
    if (ask.answered) await ask.answered;
    return ask.answer;
  }

  /** A request that is not answered at once is asked again apart, so that others need not wait for it. */
  private async flush(asks: Ask[]): Promise<void> {
    withoutRepeats(asks);
    await this.askOnce(randomUUID(), asks);
  }

  private async askOnce(token: string, asks: Ask[]): Promise<void> {
    const started = performance.now();
    try {
      await this.ask(token, asks);
    } catch (error) {
      if (error instanceof PermanentError) return this.takeApart(token, asks, error);
      const answered = this.askAgain(token, asks, started);
      for (const ask of asks) ask.answered = answered;
    }
  }

  /** A request that can never be answered costs none but the event at fault. */
  private async takeApart(token: string, asks: Ask[], error: PermanentError): Promise<void> {
    if (asks.length > 1) {
      for (const ask of asks) ask.answered = undefined;
      await Promise.all(asks.map((ask) => this.askOnce(token, [ask])));
      return void (await Promise.all(asks.map(({ answered }) => answered)));
    }
    const { answer, matches } = asks[0]!;
    answer.refused = errorText(error);
    answer.lost.push(...matches);
  }

  private async askAgain(token: string, asks: Ask[], started: number): Promise<void> {
    this.unanswered++;
    for (let tries = 1; ; tries++) {
      await sleep(Math.min(SHORTEST_PAUSE_MS * tries, LONGEST_PAUSE_MS));
      try {
        await this.ask(token, asks);
        break;
      } catch (error) {
        if (error instanceof PermanentError) {
          await this.takeApart(token, asks, error);
          break;
        }
        if (tries % LOG_EVERY === 1) this.complain(error, started);
      }
    }
    this.unanswered--;
  }

  private complain(error: unknown, since: number): void {
    const seconds = Math.round((performance.now() - since) / 1_000);
    this.logger.warn({ error: errorText(error), seconds }, 'a claim is not answered, asking again', '');
  }

  /** Targets are those of this moment, also when it is asked again. Throws `TransientError`, `PermanentError`. */
  private async ask(token: string, asks: Ask[]): Promise<void> {
    const targets = asks.map(({ matches }) => matches.map((match) => this.targets.targetOf(match)));
    const events = asks.map(({ event, matches }, i) => ({
      facts: event.facts,
      payload: event.payload,
      claims: matches.map((match, j) => claimItem(match, targets[i]![j]!)),
    }));
    const bytes = encodeClaimRequest({ token, incarnation: this.incarnation.id, events });
    const askedAt = performance.now();
    const reply = parseReply(
      await this.messaging.request(SUBJECTS.claim, bytes, { timeoutMs: this.config.claimAskTimeoutMs }),
    );
    this.latency.observe(performance.now() - askedAt);
    settle(asks, targets, reply, askedAt);
  }
}

/** Two receipts of one message may meet in a request: the second must not win by the token of the first. */
function withoutRepeats(asks: Ask[]): void {
  const seen = new Set<string>();
  for (const ask of asks) {
    ask.matches = ask.matches.filter((match) => {
      const isRepeat = seen.has(match.id);
      if (isRepeat) ask.answer.lost.push(match);
      else seen.add(match.id);
      return !isRepeat;
    });
  }
}

function parseReply(bytes: Uint8Array): ClaimReply {
  let reply: Partial<ClaimReply> | null;
  try {
    reply = JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(),
    ) as ClaimReply;
  } catch {
    throw new TransientError('the answer to a claim is not JSON');
  }
  if (!Array.isArray(reply?.won)) throw new TransientError('the answer to a claim names nobody');
  return reply as ClaimReply;
}

function settle(asks: Ask[], targets: Target[][], reply: ClaimReply, askedAt: number): void {
  const { won, closed, refused } = reply;
  const winners = new Set(won);
  const late = new Set(closed);
  const reasons = new Map(refused?.map(({ id, reason }) => [id, reason]));
  for (const [i, ask] of asks.entries()) {
    const { matches, event, answer } = ask;
    answer.refused = reasons.get(event.facts.id);
    for (const [j, match] of matches.entries()) {
      if (winners.has(match.id)) answer.granted.push({ match, target: targets[i]![j]!, askedAt });
      else if (late.has(match.id)) answer.granted.push({ match, target: targets[i]![j]!, askedAt: TOO_LATE });
      else answer.lost.push(match);
      answer.refused ??= reasons.get(match.id);
    }
  }
}
