/** What can be wrong, or worth a look, with a match, a claim or a row. */
export const LEDGER_EXCEPTIONS = [
  'match_without_claim',
  'claim_without_match',
  'claim_without_row',
  'row_without_claim',
  'two_rows',
  'open_too_long',
  'corrected',
] as const;
export type LedgerExceptionKind = (typeof LEDGER_EXCEPTIONS)[number];

/** An account of a span of time: what the router recorded against what became of it. */
export interface Ledger {
  /** Included, by registration. Later than asked for if the log does not reach back so far. */
  from: string;
  /** Excluded. */
  to: string;
  /** Every match is in exactly one state, and every claim and row belongs to a match. */
  balanced: boolean;
  /** False if more matches wait in the streams than are looked up one by one; the rest is accounted for by number. */
  exact: boolean;
  events: { registered: number; matched: number; unmatched: number };
  matches: LedgerMatches;
  /** Final rows of the matches, expired ones too. */
  outcomes: LedgerOutcome[];
  /** One for each kind, in the order of `LEDGER_EXCEPTIONS`. */
  exceptions: LedgerException[];
}

/** Each match is counted in `total` and in exactly one of the others; `claimed` is counted from the claims, for comparison. */
export interface LedgerMatches {
  total: number;
  /** Not claimed: in a stream, on its way to a worker's decision. */
  waiting: number;
  /** Not claimed: waits for a slot of its endpoint. */
  parked: number;
  /** Claimed, no outcome yet. */
  open: number;
  /** Has its final row. */
  final: number;
  /** Has its final row, but waited for too long to be sent. */
  expired: number;
  /** In none of these states. */
  unaccounted: number;
  claimed: number;
}

export interface LedgerOutcome {
  status: string;
  verdict: string;
  reason: string | null;
  count: number;
}

export interface LedgerException {
  kind: LedgerExceptionKind;
  /** Whether one of these is enough for the ledger not to balance. */
  breaksBalance: boolean;
  total: number;
  /** The oldest of them, at most 100. */
  items: LedgerExceptionItem[];
}

export interface LedgerExceptionItem {
  /** Match or delivery id. */
  id: string;
  /** Null where only the claim is known. */
  eventId: string | null;
  endpointId: string | null;
  /** When it was registered or claimed. */
  at: string;
  /** Where a match without a claim was set aside. */
  deadLetterId?: string;
}

/** Times are ISO 8601, Unix seconds or Unix milliseconds. */
export interface LedgerQuery {
  /** Included; default 24 hours before `to`. At most 31 days before it. */
  from?: string | number | Date;
  /** Excluded; default now. */
  to?: string | number | Date;
}
