import {
  type Ledger,
  LEDGER_EXCEPTIONS,
  type LedgerException,
  type LedgerExceptionItem,
  type LedgerExceptionKind,
  type LedgerMatches,
  type LedgerOutcome,
} from '@kirisan/log-client';
import type { LedgerRecords, Named, Span, StateCount, UnclaimedMatch } from './ledger.repository.js';
import type { WaitingMatches } from './waiting-matches.service.js';

export interface LedgerFindings {
  span: Span;
  records: LedgerRecords;
  places: WaitingMatches;
  /** Matches without a claim that were looked up and are nowhere. */
  lost: UnclaimedMatch[];
  /** Items of an exception's list. */
  listed: number;
}

/** These alone mean that something is not accounted for; the others are worth a look. */
const BREAKING: readonly LedgerExceptionKind[] = [
  'match_without_claim',
  'claim_without_match',
  'claim_without_row',
  'row_without_claim',
  'two_rows',
];

/** Puts what was found into one account. */
export function balance({ span, records, places, lost, listed }: LedgerFindings): Ledger {
  const lostForSure = places.isComplete ? lost : [];
  const matches = countMatches(records, places, lost);
  const exceptions = LEDGER_EXCEPTIONS.map((kind): LedgerException => {
    const { total, items } =
      kind === 'match_without_claim'
        ? { total: lostForSure.length, items: lostForSure.slice(0, listed) }
        : records.exceptions[kind];
    const breaksBalance = BREAKING.includes(kind);
    return { kind, breaksBalance, total, items: items.map((item) => itemOf(item, places.setAside)) };
  });
  const isBroken = exceptions.some(({ breaksBalance, total }) => breaksBalance && total > 0);
  const { registered, matched } = records.events;
  return {
    from: span.from.toISOString(),
    to: span.to.toISOString(),
    balanced: !isBroken && matches.unaccounted === 0,
    exact: places.isComplete && totalOf(records.states, 'unclaimed') === records.unclaimed.length,
    events: { registered, matched, unmatched: registered - matched },
    matches,
    outcomes: outcomesOf(records.states),
    exceptions,
  };
}

function countMatches(
  { states, unclaimed }: LedgerRecords,
  places: WaitingMatches,
  lost: UnclaimedMatch[],
): LedgerMatches {
  const notClaimed = totalOf(states, 'unclaimed');
  const final = totalOf(states, 'final');
  const open = totalOf(states, 'open');
  const homeless = totalOf(states, 'homeless');
  const expired = states.reduce((sum, { reason, count }) => sum + (reason === 'expired' ? count : 0), 0);
  // What was not looked up one by one is parked as far as so much is parked at all.
  const unread = notClaimed - unclaimed.length + (places.isComplete ? 0 : lost.length);
  const believed = Math.min(unread, Math.max(0, places.parkedMessages - places.parked.size));
  const parked = places.parked.size + believed;
  const unaccounted = homeless + (unread - believed) + (places.isComplete ? lost.length : 0);
  return {
    total: notClaimed + final + open + homeless,
    waiting: notClaimed - parked - (unaccounted - homeless),
    parked,
    open,
    final: final - expired,
    expired,
    unaccounted,
    claimed: final + open + homeless,
  };
}

function totalOf(states: StateCount[], wanted: StateCount['state']): number {
  return states.reduce((sum, { state, count }) => sum + (state === wanted ? count : 0), 0);
}

function outcomesOf(states: StateCount[]): LedgerOutcome[] {
  return states
    .filter(({ state }) => state === 'final')
    .map(({ status, verdict, reason, count }) => ({
      status: String(status),
      verdict: String(verdict),
      reason,
      count,
    }));
}

function itemOf(
  { id, event_id, endpoint_id, at }: Named,
  setAside: Map<string, string>,
): LedgerExceptionItem {
  const deadLetterId = setAside.get(id);
  return {
    id,
    eventId: event_id,
    endpointId: endpoint_id,
    at: at.toISOString(),
    ...(deadLetterId && { deadLetterId }),
  };
}
