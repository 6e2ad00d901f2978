import type { RunningStack } from '@kirisan/local-stack';

export interface Answer<T = Record<string, unknown>> {
  status: number;
  body: T;
}

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** Talks to a stack as its operators and providers do: over HTTP alone. */
export class StackClient {
  constructor(private readonly running: RunningStack) {}

  get stack() {
    return this.running.stack;
  }

  registry<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    return this.internal(`${this.stack.registry}/v1${path}`, method, body);
  }

  log<T>(path: string): Promise<Answer<T>> {
    return this.internal(`${this.stack.logService}/v1${path}`, 'GET');
  }

  /** Every row behind a list, over all pages. */
  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const next: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
      const { body } = await this.log<Page<T>>(`${path}${path.includes('?') ? '&' : '?'}limit=200${next}`);
      items.push(...body.items);
      cursor = body.nextCursor;
    } while (cursor);
    return items;
  }

  /** Throws unless the registry took it. */
  async create<T extends { id: string }>(path: string, body: unknown): Promise<T> {
    const answer = await this.registry<T>('POST', path, body);
    if (answer.status !== 201)
      throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  private async internal<T>(url: string, method: string, body?: unknown): Promise<Answer<T>> {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${this.stack.internalToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as T };
  }
}
