import {
  type DeliveryStatus,
  UNMATCHED_REASONS,
  type UnmatchedReason,
  type Verdict,
} from '@kirisan/contracts';

/**
 * A facet is one number for the low-cardinality facts of a row: its kind (channel, event, live or test; a row of
 * `log.kinds`) and its result. Indexes lead with it, so that any combination of such filters, however rare, is
 * answered by a few short index scans instead of a walk over rows that do not match.
 */
const DELIVERY_RESULTS = [
  { status: 'success', verdict: 'answered' },
  { status: 'failed', verdict: 'answered' },
  { status: 'failed', verdict: 'sent_no_answer' },
  { status: 'failed', verdict: 'not_sent' },
] as const satisfies { status: DeliveryStatus; verdict: Verdict }[];

/** Number of results a kind of deliveries can have; also the factor in SQL: `facet = kind_id * 4 + result`. */
export const RESULTS_PER_KIND = 4;
/** Number of results a kind of events can have (matched, or one of the reasons), with room for more reasons. */
export const REASONS_PER_KIND = 16;

/** Position of a status and verdict in their facet, or -1 for a pair that can not be (a success without an answer). */
export function deliveryResult(status: string, verdict: string): number {
  return DELIVERY_RESULTS.findIndex((result) => result.status === status && result.verdict === verdict);
}

/** The results that agree with the filters given. */
export function deliveryResults(status?: string, verdict?: string): number[] {
  return DELIVERY_RESULTS.flatMap((result, index) =>
    (status ?? result.status) === result.status && (verdict ?? result.verdict) === result.verdict
      ? [index]
      : [],
  );
}

/** 0 for an event with matches, else the place of its reason. */
export function eventResult(reason: UnmatchedReason | undefined): number {
  return reason === undefined ? 0 : UNMATCHED_REASONS.indexOf(reason) + 1;
}

/** The results that agree with the filters given. */
export function eventResults(matched?: boolean, reason?: UnmatchedReason): number[] {
  const all = [undefined, ...UNMATCHED_REASONS];
  return all.flatMap((candidate, index) => {
    const agrees =
      (matched === undefined || matched === (candidate === undefined)) && (reason ?? candidate) === candidate;
    return agrees ? [index] : [];
  });
}
