export type {
  DeliveryDetail,
  DeliverySummary,
  EventDetail,
  EventMatch,
  EventSummary,
  Page,
  Stats,
  StatsRow,
} from './answers.js';
export type { CommonFilters, DeliveryFilters, EventFilters, StatsQuery } from './filters.js';
export { LogClient, type LogClientOptions } from './log-client.js';
export { LogClientError } from './log-client.error.js';
