import { describe, expect, it } from '@jest/globals';
import { DELIVERY_STATUSES, UNMATCHED_REASONS, VERDICTS } from '@kirisan/contracts';
import {
  deliveryResult,
  deliveryResults,
  eventResult,
  eventResults,
  REASONS_PER_KIND,
  RESULTS_PER_KIND,
} from './facet.js';

describe('facets of deliveries', () => {
  it('give every possible result a number of its own that fits its kind', () => {
    const possible = DELIVERY_STATUSES.flatMap((status) =>
      VERDICTS.map((verdict) => deliveryResult(status, verdict)),
    );
    expect(possible.filter((result) => result >= 0).toSorted()).toEqual([0, 1, 2, 3]);
    expect(RESULTS_PER_KIND).toBe(4);
    expect(deliveryResult('success', 'not_sent')).toBe(-1);
  });

  it('are those that agree with the filters', () => {
    expect(deliveryResults()).toEqual([0, 1, 2, 3]);
    expect(deliveryResults('failed')).toEqual([1, 2, 3]);
    expect(deliveryResults(undefined, 'answered')).toEqual([0, 1]);
    expect(deliveryResults('success', 'not_sent')).toEqual([]);
  });
});

describe('facets of events', () => {
  it('give every reason a number that fits its kind', () => {
    const results = [undefined, ...UNMATCHED_REASONS].map((reason) => eventResult(reason));
    expect(results).toEqual(results.map((_, index) => index));
    expect(Math.max(...results)).toBeLessThan(REASONS_PER_KIND);
  });

  it('are those that agree with the filters', () => {
    expect(eventResults(true)).toEqual([0]);
    expect(eventResults(false)).toHaveLength(UNMATCHED_REASONS.length);
    expect(eventResults(undefined, 'too_large')).toEqual([eventResult('too_large')]);
    expect(eventResults(true, 'too_large')).toEqual([]);
  });
});
