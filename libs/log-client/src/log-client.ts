import axios, { type AxiosInstance } from 'axios';
import type { DeliveryDetail, DeliverySummary, EventDetail, EventSummary, Page, Stats } from './answers.js';
import type { Backlog, BacklogQuery } from './backlog.js';
import type { DeadLetter, DeadLetterPage, DeadLetterQuery, Requeued } from './dead-letter.js';
import type { DeliveryFilters, EventFilters, StatsQuery } from './filters.js';
import type { Ledger, LedgerQuery } from './ledger.js';
import { toLogClientError } from './log-client.error.js';

export interface LogClientOptions {
  /** Such as `http://log-service:3000`. */
  url: string;
  internalToken: string;
  /** Milliseconds of a whole request; default 15,000. */
  timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 15_000;
/** A ledger of a busy day is more work than a page. */
const LEDGER_TIMEOUT_MS = 90_000;
/** Largest answer of the log service that its client takes. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** Typed client of the log service. Every method throws `LogClientError`. */
export class LogClient {
  private readonly http: AxiosInstance;

  constructor({ url, internalToken, timeoutMs = DEFAULT_TIMEOUT_MS }: LogClientOptions) {
    this.http = axios.create({
      baseURL: `${url.replace(/\/+$/, '')}/v1`,
      timeout: timeoutMs,
      maxRedirects: 0,
      proxy: false,
      maxContentLength: MAX_ANSWER_BYTES,
      headers: { Authorization: `Bearer ${internalToken}`, Accept: 'application/json' },
    });
  }

  /** Final rows, newest first. */
  listDeliveries(filters: DeliveryFilters = {}): Promise<Page<DeliverySummary>> {
    return this.get('/deliveries', filters);
  }

  getDelivery(id: string): Promise<DeliveryDetail> {
    return this.get(`/deliveries/${encodeURIComponent(id)}`);
  }

  /** Accepted events, newest first. */
  listEvents(filters: EventFilters = {}): Promise<Page<EventSummary>> {
    return this.get('/events', filters);
  }

  getEvent(id: string): Promise<EventDetail> {
    return this.get(`/events/${encodeURIComponent(id)}`);
  }

  stats(query: StatsQuery = {}): Promise<Stats> {
    return this.get('/stats', query);
  }

  /** The account of a span of time; may take a minute. */
  ledger(query: LedgerQuery = {}): Promise<Ledger> {
    return this.ask('GET', '/ledger', query, LEDGER_TIMEOUT_MS);
  }

  /** Matches that wait for a slot of their endpoint. */
  backlog(query: BacklogQuery = {}): Promise<Backlog> {
    return this.get('/backlog', query);
  }

  /** Messages that could not be processed, oldest first. */
  listDeadLetters(query: DeadLetterQuery = {}): Promise<DeadLetterPage> {
    return this.get('/dead-letters', query);
  }

  getDeadLetter(id: string): Promise<DeadLetter> {
    return this.get(`/dead-letters/${encodeURIComponent(id)}`);
  }

  /** Sends a dead letter to its subject again, unchanged, and removes it. */
  requeueDeadLetter(id: string): Promise<Requeued> {
    return this.ask('POST', `/dead-letters/${encodeURIComponent(id)}/requeue`);
  }

  /** Removes a dead letter for good: what it held will not be processed. */
  async deleteDeadLetter(id: string): Promise<void> {
    await this.ask('DELETE', `/dead-letters/${encodeURIComponent(id)}`);
  }

  /** Every delivery that the filters let through, page by page as it is asked for. */
  eachDelivery(filters: DeliveryFilters = {}): AsyncGenerator<DeliverySummary> {
    return eachItem((cursor) => this.listDeliveries({ ...filters, ...(cursor && { cursor }) }));
  }

  /** Every event that the filters let through, page by page as it is asked for. */
  eachEvent(filters: EventFilters = {}): AsyncGenerator<EventSummary> {
    return eachItem((cursor) => this.listEvents({ ...filters, ...(cursor && { cursor }) }));
  }

  private get<T>(path: string, params?: object): Promise<T> {
    return this.ask('GET', path, params);
  }

  private async ask<T>(method: string, url: string, params?: object, timeout?: number): Promise<T> {
    try {
      const { data } = await this.http.request<T>({
        method,
        url,
        params,
        // Without a body axios would name a content type that nobody takes.
        ...(method === 'POST' && { data: {} }),
        ...(timeout && { timeout }),
      });
      return data;
    } catch (error) {
      throw toLogClientError(error);
    }
  }
}

async function* eachItem<T>(page: (cursor?: string) => Promise<Page<T>>): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await page(cursor);
    yield* items;
    cursor = nextCursor ?? undefined;
  } while (cursor);
}
