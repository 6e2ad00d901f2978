import type { ClaimBatch } from './claim-batch.js';

/** One request on its way through a shared statement, with what became of it. */
export interface AskedBatch extends ClaimBatch {
  won: Set<string>;
  closed: Set<string>;
  refused: { id: string; reason: string }[];
}

/** Roughly what a row costs beside its payload. */
const ROW_BYTES = 500;

export function ask(batch: ClaimBatch): AskedBatch {
  return { ...batch, won: new Set(), closed: new Set(), refused: [] };
}

/** Bytes of a request's rows, nearly. */
export function weightOf({ events, claims }: ClaimBatch): number {
  const payloads = events.reduce((sum, { payload }) => sum + payload.length, 0);
  return payloads + (events.length + claims.length) * ROW_BYTES;
}

/**
 * A statement can not touch a row twice, and whoever asks second must see what became of the first: requests that share
 * an event or a claim with an earlier one of the batch wait for the next statement.
 */
export function splitWave(asked: AskedBatch[]): { now: AskedBatch[]; later: AskedBatch[] } {
  const taken = new Set<string>();
  const now: AskedBatch[] = [];
  const later: AskedBatch[] = [];
  for (const one of asked) {
    const conflicts =
      one.events.some(({ id }) => taken.has(id)) || one.claims.some(({ id }) => taken.has(id));
    (conflicts ? later : now).push(one);
    for (const { id } of [...one.events, ...one.claims]) taken.add(id);
  }
  return { now, later };
}

/** Event by event, then claim by claim; empty when nothing is left to take apart. */
export function splitBatch(batch: AskedBatch): AskedBatch[] {
  const { events, claims } = batch;
  if (events.length > 1) {
    return events.map((event) => ({
      ...batch,
      events: [event],
      claims: claims.filter((claim) => claim.event === event),
    }));
  }
  if (claims.length > 1) return claims.map((claim) => ({ ...batch, claims: [claim] }));
  return [];
}
