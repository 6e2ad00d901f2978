import {
  type ClaimItem,
  type ClaimReply,
  type ClaimRequest,
  CONSUMERS,
  decodeClaimRequest,
  type Outcome,
  SUBJECTS,
  type WorkerHeartbeat,
} from '@kirisan/contracts';
import { ERROR_HEADER, Messaging, PERMANENT_HEADER, StreamReader, toHeaders } from '@kirisan/messaging';
import type { Msg, Subscription } from '@nats-io/transport-node';

/** The log service as a worker sees it: grants by token, and keeps what it is told. */
export class LogStub {
  readonly requests: ClaimRequest[] = [];
  readonly claims = new Map<string, ClaimItem & { token: string; incarnation: string }>();
  readonly registered = new Set<string>();
  readonly outcomes: Outcome[] = [];
  readonly heartbeats: WorkerHeartbeat[] = [];
  /** Replies that are computed and then lost. */
  losesReplies = 0;
  /** Before a reply is sent. */
  delayMs = 0;
  /** Ids of events that can not be recorded. */
  readonly refuses = new Set<string>();
  /** Ids of events that no request may hold. */
  readonly abhors = new Set<string>();
  private readonly subscriptions: Subscription[] = [];
  private readonly reader: StreamReader;

  constructor(private readonly messaging: Messaging) {
    this.serve();
    this.subscriptions.push(
      messaging.nc.subscribe(SUBJECTS.heartbeat, {
        callback: (_error, message) => void this.heartbeats.push(message.json<WorkerHeartbeat>()),
      }),
    );
    this.reader = new StreamReader({
      messaging,
      spec: CONSUMERS.logService,
      concurrency: 8,
      handle: async (_subject, data) => {
        this.outcomes.push(...(JSON.parse(Buffer.from(data).toString()) as Outcome[]));
      },
    });
    this.reader.start();
  }

  /** Stops answering claims, as if there were no log service. */
  leave(): void {
    this.subscriptions.shift()!.unsubscribe();
  }

  /** Answers claims again. */
  serve(): void {
    const subscription = this.messaging.nc.subscribe(SUBJECTS.claim, {
      queue: 'log-service',
      callback: (_error, message) => this.answer(message),
    });
    this.subscriptions.unshift(subscription);
  }

  outcomeOf(id: string): Outcome | undefined {
    return this.outcomes.find((outcome) => outcome.id === id);
  }

  async stop(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    await this.reader.stop();
  }

  private answer(message: Msg): void {
    const request = decodeClaimRequest(message.data);
    this.requests.push(request);
    if (request.events.some(({ facts }) => this.abhors.has(facts.id))) {
      message.respond('', {
        headers: toHeaders({ [ERROR_HEADER]: 'no request', [PERMANENT_HEADER]: 'true' }),
      });
      return;
    }
    const reply = Buffer.from(JSON.stringify(this.grant(request)));
    if (this.losesReplies > 0) this.losesReplies--;
    else setTimeout(() => message.respond(reply), this.delayMs);
  }

  private grant({ token, incarnation, events }: ClaimRequest): ClaimReply {
    const won: string[] = [];
    const refused: { id: string; reason: string }[] = [];
    for (const { facts, claims } of events) {
      if (this.refuses.has(facts.id)) {
        refused.push({ id: facts.id, reason: 'can not be stored' });
        continue;
      }
      this.registered.add(facts.id);
      for (const item of claims) {
        const holder = this.claims.get(item.id);
        if (holder && holder.token !== token) continue;
        this.claims.set(item.id, { ...item, token, incarnation });
        won.push(item.id);
      }
    }
    return { won, ...(refused.length > 0 && { refused }) };
  }
}
