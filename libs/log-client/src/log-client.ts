import axios, { type AxiosInstance } from 'axios';
import type { DeliveryDetail, DeliverySummary, EventDetail, EventSummary, Page, Stats } from './answers.js';
import type { DeliveryFilters, EventFilters, StatsQuery } from './filters.js';
import { toLogClientError } from './log-client.error.js';

export interface LogClientOptions {
  /** Such as `http://log-service:3000`. */
  url: string;
  internalToken: string;
  /** Milliseconds of a whole request; default 15,000. */
  timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 15_000;
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

  /** Every delivery that the filters let through, page by page as it is asked for. */
  eachDelivery(filters: DeliveryFilters = {}): AsyncGenerator<DeliverySummary> {
    return eachItem((cursor) => this.listDeliveries({ ...filters, ...(cursor && { cursor }) }));
  }

  /** Every event that the filters let through, page by page as it is asked for. */
  eachEvent(filters: EventFilters = {}): AsyncGenerator<EventSummary> {
    return eachItem((cursor) => this.listEvents({ ...filters, ...(cursor && { cursor }) }));
  }

  private async get<T>(path: string, params?: object): Promise<T> {
    try {
      const { data } = await this.http.get<T>(path, { params });
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
