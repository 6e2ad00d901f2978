import { callIngestor, fonnteText } from './provider-requests.js';

/** A steady stream of WhatsApp messages to one or more devices, that remembers which of them were accepted. */
export class Workload {
  /** Message texts that were answered 200. */
  readonly accepted = new Set<string>();
  private running = false;
  private loops: Promise<void>[] = [];
  private next = 0;
  private static runs = 1;
  /** Message ids of one run never meet those of another. */
  private readonly firstId = 1_000_000 * Workload.runs++;

  constructor(
    private readonly name: string,
    private readonly ingestUrls: string[],
    private readonly options: { connections?: number; pauseMs?: number } = {},
  ) {}

  start(): void {
    this.running = true;
    const { connections = 8 } = this.options;
    this.loops = Array.from({ length: connections }, () => this.loop());
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.loops);
  }

  /** Sends until this many were accepted. */
  async sendAccepted(count: number): Promise<void> {
    const goal = this.accepted.size + count;
    this.start();
    while (this.accepted.size < goal) await new Promise((resolve) => setTimeout(resolve, 20));
    await this.stop();
  }

  /** As a provider does: what is not answered 200 is sent again, the very same. */
  private async loop(): Promise<void> {
    while (this.running) {
      const number = this.next++;
      const text = `${this.name}-${number}`;
      const url = this.ingestUrls[number % this.ingestUrls.length]!;
      const call = fonnteText(this.firstId + number, text);
      while ((await callIngestor(url, call)) !== 200) {
        await pause(200);
        if (!this.running) return;
      }
      this.accepted.add(text);
      if (this.options.pauseMs) await pause(this.options.pauseMs);
    }
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
