import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Params = Record<string, unknown>;
type Update = Record<string, unknown> & { update_id: number };

export interface Call {
  botToken: string;
  method: string;
  params: Params;
}

/** What the server does instead of answering properly. */
export type Trouble = (response: ServerResponse, call: Call) => void;

interface Waiting {
  botToken: string;
  end: (status: number, body: unknown) => void;
}

/** A Bot API for tests: real HTTP, and the behaviour of getUpdates and webhooks that matters to a client. */
export class FakeTelegram {
  readonly calls: Call[] = [];
  readonly webhooks = new Map<string, Params>();
  /** By bot id; what is confirmed is gone. */
  readonly updates = new Map<string, Update[]>();
  /** Members of getWebhookInfo beside its URL. */
  webhookInfo: Params = {};
  trouble?: Trouble;
  /** Most polls that were open for one bot at a time. */
  mostAtATime = 0;
  private readonly tokens = new Map<string, string>();
  private readonly waiting = new Set<Waiting>();
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Makes the token valid; an earlier one of the same bot is not any more. */
  addBot(botToken: string): void {
    this.tokens.set(botOf(botToken), botToken);
    if (!this.updates.has(botOf(botToken))) this.updates.set(botOf(botToken), []);
  }

  push(botId: string, update: Update): void {
    this.updates.get(botId)!.push(update);
    for (const poll of this.waiting)
      if (botOf(poll.botToken) === botId) poll.end(200, ok(this.updates.get(botId)));
  }

  callsOf(method: string): Call[] {
    return this.calls.filter((call) => call.method === method);
  }

  openPolls(botId: string): number {
    return [...this.waiting].filter(({ botToken }) => botOf(botToken) === botId).length;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, botToken = '', method = ''] = /^\/bot([^/]+)\/(\w+)$/.exec(request.url ?? '') ?? [];
    const chunks = await request.toArray();
    const params = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Params;
    const call = { botToken, method, params };
    this.calls.push(call);
    if (this.trouble) return this.trouble(response, call);
    if (this.tokens.get(botOf(botToken)) !== botToken)
      return answer(response, 401, refused(401, 'Unauthorized'));
    if (method === 'getUpdates') return this.getUpdates(response, call);
    answer(response, 200, ok(this.simple(call)));
  }

  private simple({ botToken, method, params }: Call): unknown {
    const bot = botOf(botToken);
    if (method === 'setWebhook') this.webhooks.set(bot, params);
    if (method === 'deleteWebhook') this.webhooks.delete(bot);
    return method === 'getWebhookInfo'
      ? { url: this.webhooks.get(bot)?.url ?? '', ...this.webhookInfo }
      : true;
  }

  private getUpdates(response: ServerResponse, { botToken, params }: Call): void {
    const bot = botOf(botToken);
    if (this.webhooks.has(bot)) {
      const said =
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
      return answer(response, 409, refused(409, said));
    }
    const offset = Number(params.offset ?? 0);
    this.updates.set(
      bot,
      this.updates.get(bot)!.filter(({ update_id }) => update_id >= offset),
    );
    this.mostAtATime = Math.max(this.mostAtATime, this.openPolls(bot) + 1);
    const pending = this.updates.get(bot)!;
    if (pending.length > 0) return answer(response, 200, ok(pending));
    this.wait(response, botToken, Number(params.timeout ?? 0));
  }

  private wait(response: ServerResponse, botToken: string, seconds: number): void {
    const end = (status: number, body: unknown) => {
      clearTimeout(timer);
      this.waiting.delete(poll);
      answer(response, status, body);
    };
    const poll: Waiting = { botToken, end };
    const timer = setTimeout(() => end(200, ok([])), seconds * 1_000);
    this.waiting.add(poll);
    response.on('close', () => {
      clearTimeout(timer);
      this.waiting.delete(poll);
    });
  }
}

const botOf = (botToken: string) => botToken.split(':')[0]!;
const ok = (result: unknown) => ({ ok: true, result });
export const refused = (error_code: number, description: string, parameters?: Params) => ({
  ok: false,
  error_code,
  description,
  ...(parameters && { parameters }),
});

export function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
