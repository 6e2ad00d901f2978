import type { DeliveryStatus, EventType, UnmatchedReason, Verdict } from '@kirisan/contracts';

/** Filters that deliveries and events share. Times are ISO 8601, Unix seconds or Unix milliseconds. */
export interface CommonFilters {
  /** Prefix of the device's token or number. */
  device?: string;
  deviceId?: string;
  event?: EventType;
  channel?: string;
  /** Included. */
  from?: string | number | Date;
  /** Excluded. */
  to?: string | number | Date;
  /** Items of a page, 1 to 200; default 50. */
  limit?: number;
  cursor?: string;
}

export interface DeliveryFilters extends CommonFilters {
  endpointId?: string;
  eventId?: string;
  status?: DeliveryStatus;
  verdict?: Verdict;
  /** Live or test; default both. */
  production?: boolean | 'any';
}

export interface EventFilters extends CommonFilters {
  /** Exactly who wrote. */
  sender?: string;
  reason?: UnmatchedReason;
  /** Whether it matched any endpoint. */
  matched?: boolean;
  /** Default live alone. */
  production?: boolean | 'any';
}

export interface StatsQuery {
  bucket?: 'minute' | 'hour' | 'day';
  from?: string | number | Date;
  to?: string | number | Date;
  groupBy?: 'endpoint' | 'event' | 'status';
}
