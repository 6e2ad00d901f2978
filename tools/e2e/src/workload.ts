import { setTimeout as sleep } from 'node:timers/promises';
import { callIngestor, fonnteText, type ProviderCall } from './provider-requests.js';

interface Sent {
  url: string;
  call: ProviderCall;
  at: number;
}

export interface WorkloadOptions {
  /** Requests at a time, 4 by default. */
  connections?: number;
  /** Of each connection between two messages, 40 by default. */
  pauseMs?: number;
}

/** A steady stream of WhatsApp messages to one or more devices, that remembers which of them were accepted. */
export class Workload {
  private static readonly started = new Set<Workload>();
  private static runs = 1;
  /** How often each status was answered; 0 stands for no answer. */
  readonly statuses = new Map<number, number>();
  /** By text, what was answered 200. */
  private readonly sent = new Map<string, Sent>();
  private running = false;
  private loops: Promise<void>[] = [];
  private next = 0;
  /** Message ids of one run never meet those of another. */
  private readonly firstId = 1_000_000 * Workload.runs++;

  constructor(
    private readonly name: string,
    private readonly ingestUrls: string[],
    private readonly options: WorkloadOptions = {},
  ) {}

  /** Ends what a test that failed has left running. */
  static async stopAll(): Promise<void> {
    await Promise.all([...Workload.started].map((workload) => workload.stop()));
  }

  /** Texts of the messages that were answered 200. */
  get accepted(): ReadonlySet<string> {
    return new Set(this.sent.keys());
  }

  /** Those of one device. */
  acceptedAt(ingestUrl: string): ReadonlySet<string> {
    return new Set([...this.sent].filter(([, { url }]) => url === ingestUrl).map(([text]) => text));
  }

  /** `Date.now()` when a message was answered 200. */
  acceptanceOf(text: string): number {
    return this.sent.get(text)?.at ?? NaN;
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    Workload.started.add(this);
    const { connections = 4 } = this.options;
    this.loops = Array.from({ length: connections }, () => this.loop());
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.loops);
    Workload.started.delete(this);
  }

  /** Sends until this many more were accepted, and stops. */
  async sendAccepted(count: number): Promise<void> {
    this.start();
    await this.acceptedMore(count);
    await this.stop();
  }

  /** Resolves when this many more were accepted. */
  async acceptedMore(count: number): Promise<void> {
    const goal = this.sent.size + count;
    while (this.sent.size < goal) await sleep(20);
  }

  /** Sends every accepted message once more, as providers that missed an answer do. Throws what is not answered 200. */
  async sendAgain(): Promise<void> {
    const left = [...this.sent.values()];
    const next = async (): Promise<void> => {
      for (let sent = left.pop(); sent; sent = left.pop()) {
        const status = await callIngestor(sent.url, sent.call);
        if (status !== 200) throw new Error(`a repeat was answered ${status}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, next));
  }

  /** As a provider does: what is not answered 200 is sent again, the very same. */
  private async loop(): Promise<void> {
    const { pauseMs = 40 } = this.options;
    while (this.running) {
      const number = this.next++;
      const text = `${this.name}-${number}`;
      const url = this.ingestUrls[number % this.ingestUrls.length]!;
      const call = fonnteText(this.firstId + number, text);
      while ((await this.send(url, call)) !== 200) {
        await sleep(200);
        if (!this.running) return;
      }
      this.sent.set(text, { url, call, at: Date.now() });
      await sleep(pauseMs);
    }
  }

  private async send(url: string, call: ProviderCall): Promise<number> {
    const status = await callIngestor(url, call);
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    return status;
  }
}
