import { describe, expect, it } from '@jest/globals';
import { eventId, matchId } from './ids.js';

describe('event and match ids', () => {
  // Golden: a change here makes repeats of events that are already in the log look new.
  it('never change', () => {
    expect(eventId('waba:message', ['1066', 'wamid.A'])).toMatchInlineSnapshot(
      `"46c65f48-511b-89ab-8243-3e3663f0302a"`,
    );
    expect(matchId(eventId('waba:message', ['1066', 'wamid.A']), 'e1')).toMatchInlineSnapshot(
      `"f3bfd3fc-0f56-8d9a-a91f-e6f27afdfe37"`,
    );
  });

  it('keep parts apart', () => {
    expect(eventId('r', ['a', 'bc'])).not.toBe(eventId('r', ['ab', 'c']));
    expect(eventId('r', ['a'])).not.toBe(eventId('s', ['a']));
  });

  it('are UUIDs', () => {
    expect(eventId('r', [1])).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});
