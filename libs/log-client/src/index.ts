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
export type { Backlog, BacklogQuery, EndpointBacklog } from './backlog.js';
export type { DeadLetter, DeadLetterPage, DeadLetterQuery, Requeued } from './dead-letter.js';
export type { CommonFilters, DeliveryFilters, EventFilters, StatsQuery } from './filters.js';
export {
  type Ledger,
  LEDGER_EXCEPTIONS,
  type LedgerException,
  type LedgerExceptionItem,
  type LedgerExceptionKind,
  type LedgerMatches,
  type LedgerOutcome,
  type LedgerQuery,
} from './ledger.js';
export { LogClient, type LogClientOptions } from './log-client.js';
export { LogClientError } from './log-client.error.js';
