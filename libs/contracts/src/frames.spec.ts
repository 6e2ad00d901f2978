import { describe, expect, it } from '@jest/globals';
import { decodeClaimRequest, encodeClaimRequest } from './claim-frames.js';
import type { ClaimRequest, RoutedFacts } from './deliveries.js';
import type { EventFacts } from './events.js';
import { decodeRecords, encodeRecords, FrameError } from './frames.js';

const facts = (id: string): EventFacts => ({
  id,
  type: 'incoming_message',
  channel: 'whatsapp',
  deviceToken: 't',
  acceptedAt: 1,
  production: true,
});
const payload = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('event frames', () => {
  it('carry hostile payloads through unchanged, byte for byte', () => {
    const hostile = payload({ text: 'a\nb\u2028\0 \ud800 "\\" 😀', __proto__: { x: 1 } });
    const [first, second] = decodeRecords(
      encodeRecords([
        { facts: facts('a'), payload: hostile },
        { facts: facts('b'), payload: payload('') },
      ]),
    );
    expect(Buffer.from(first!.payload).equals(hostile)).toBe(true);
    expect(second!.facts).toEqual(facts('b'));
  });

  it('refuse bytes that are cut off or foreign', () => {
    const bytes = encodeRecords([{ facts: facts('a'), payload: payload(1) }]);
    expect(() => decodeRecords(bytes.subarray(0, bytes.length - 1))).toThrow(FrameError);
    expect(() => decodeRecords(Buffer.from('{}\n'))).toThrow(FrameError);
    expect(() => decodeRecords(Buffer.from('x\ny\n'))).toThrow(FrameError);
  });

  it.each([
    'null',
    '{}',
    '{"events":[null]}',
    '{"events":[{"facts":null,"claims":[]}]}',
    '{"events":[{"facts":{},"claims":[1]}]}',
  ])('refuse %s as a claim request', (head) => {
    expect(() => decodeClaimRequest(Buffer.from(`${head}\n{}\n`))).toThrow(FrameError);
  });

  it('carry claim requests', () => {
    const routed: RoutedFacts = { ...facts('a'), endpointIds: ['e'], directoryRevision: 7 };
    const request: ClaimRequest = {
      token: 'k',
      incarnation: 'w',
      events: [{ facts: routed, payload: payload({ a: 1 }), claims: [] }],
    };
    const decoded = decodeClaimRequest(encodeClaimRequest(request));
    expect(decoded).toEqual({ ...request, events: [{ ...request.events[0]!, payload: expect.anything() }] });
    expect(Buffer.from(decoded.events[0]!.payload).toString()).toBe('{"a":1}');
  });
});
