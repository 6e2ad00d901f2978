import type { Ledger, LedgerException } from '@kirisan/log-client';

/** The ledger as lines for a terminal. */
export function ledgerText(ledger: Ledger): string {
  const { from, to, balanced, exact, events, matches, outcomes, exceptions } = ledger;
  const { total, claimed, ...states } = matches;
  const lines = [
    `Registered from ${from} to ${to}`,
    '',
    row('events', events.registered),
    row('  with matches', events.matched),
    row('  without', events.unmatched),
    row('matches', total),
    ...Object.entries(states).map(([state, count]) => row(`  ${state}`, count)),
    row('claims of matches', claimed),
    '',
    ...outcomes.map(({ status, verdict, reason, count }) =>
      row([status, verdict, reason].filter(Boolean).join(', '), count),
    ),
    ...exceptions.flatMap(exceptionLines),
    '',
    ...(exact
      ? []
      : ['More matches wait than were looked up one by one: the rest is accounted for by number.']),
    balanced ? 'The ledger balances.' : 'THE LEDGER DOES NOT BALANCE.',
  ];
  return `${lines.join('\n')}\n`;
}

function exceptionLines({ kind, total, items }: LedgerException): string[] {
  if (total === 0) return [];
  const more = total > items.length ? [`  and ${total - items.length} more`] : [];
  return ['', row(kind, total), ...items.map(itemLine), ...more];
}

function itemLine({ id, eventId, endpointId, at, deadLetterId }: LedgerException['items'][number]): string {
  const facts = [
    id,
    at,
    eventId && `event ${eventId}`,
    endpointId && `endpoint ${endpointId}`,
    deadLetterId && `dead letter ${deadLetterId}`,
  ];
  return `  ${facts.filter(Boolean).join('  ')}`;
}

function row(name: string, count: number): string {
  return `${name.padEnd(44)}${String(count).padStart(12)}`;
}
