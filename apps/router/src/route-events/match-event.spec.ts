import { describe, expect, it } from '@jest/globals';
import {
  type DeviceEntry,
  ENDPOINT_STATUSES,
  type EndpointEntry,
  EVENT_TYPES,
  type EventFacts,
  INBOUND_MODES,
} from '@kirisan/contracts';
import fc from 'fast-check';
import { type MatchContext, matchEvent } from './match-event.js';

const HORIZON = 1_000;

const device = fc.record<DeviceEntry>({
  id: fc.constantFrom('d1', 'd2'),
  token: fc.constant('t'),
  channel: fc.constantFrom('telegram', 'waba'),
  inboundMode: fc.constantFrom(...INBOUND_MODES),
});

const endpoint = fc.record<EndpointEntry>({
  id: fc.uuid(),
  revision: fc.nat(),
  name: fc.constant('n'),
  url: fc.constant('https://e.example'),
  events: fc.subarray([...EVENT_TYPES]),
  deviceIds: fc.subarray(['d1', 'd2', 'd3']),
  status: fc.constantFrom(...ENDPOINT_STATUSES),
});

const facts = fc.record<EventFacts>(
  {
    id: fc.uuid(),
    type: fc.constantFrom(...EVENT_TYPES),
    channel: fc.constant('telegram'),
    deviceId: fc.constantFrom('d1', 'd2', 'gone'),
    deviceToken: fc.constant('t'),
    acceptedAt: fc.constantFrom(HORIZON - 1, HORIZON, HORIZON + 1),
    production: fc.constant(true),
    tooLargeBytes: fc.constant(600_000),
  },
  { requiredKeys: ['id', 'type', 'channel', 'deviceToken', 'acceptedAt', 'production'] },
);

/** What the product page says, one sentence a line, without any index. */
function naive(event: EventFacts, devices: DeviceEntry[], endpoints: EndpointEntry[]) {
  const found = devices.find(({ id }) => id === event.deviceId);
  const linked = endpoints.filter(
    (each) => event.deviceId !== undefined && each.deviceIds.includes(event.deviceId),
  );
  const subscribed = linked.filter((each) => each.events.includes(event.type));
  const active = subscribed.filter((each) => each.status === 'active');
  const exception = found?.channel === 'telegram' && event.type === 'incoming_message';
  const pending = subscribed.filter((each) => exception && each.status === 'pending_test');
  if (event.tooLargeBytes) return { reason: 'too_large' };
  if (event.acceptedAt < HORIZON) return { reason: 'too_old' };
  if (!found) return { reason: 'unknown_device' };
  if (event.type === 'incoming_message' && found.inboundMode !== 'webhook') return { reason: 'device_mode' };
  if (event.type === 'submission' && found.inboundMode !== 'autoreply') return { reason: 'device_mode' };
  if (linked.length === 0) return { reason: 'no_endpoint' };
  if (subscribed.length === 0) return { reason: 'not_subscribed' };
  return { active, pending, reason: active.length > 0 ? undefined : 'endpoints_inactive' };
}

function contextOf(event: EventFacts, devices: DeviceEntry[], endpoints: EndpointEntry[]): MatchContext {
  return {
    device: devices.find(({ id }) => id === event.deviceId),
    endpointsOf: (id) => endpoints.filter(({ deviceIds }) => deviceIds.includes(id)),
    firstMessageActivates: (channel) => channel === 'telegram',
    horizon: HORIZON,
  };
}

describe('matching', () => {
  it('is what the contract says, for any event and any directory', () => {
    const devices = fc.uniqueArray(device, { selector: ({ id }) => id });
    fc.assert(
      fc.property(facts, devices, fc.array(endpoint, { maxLength: 8 }), (event, known, endpoints) => {
        const expected = naive(event, known, endpoints);
        const result = matchEvent(event, contextOf(event, known, endpoints));
        expect(result.endpointIds).toEqual((expected.active ?? []).map(({ id }) => id));
        expect(result.pending.map(({ id }) => id)).toEqual((expected.pending ?? []).map(({ id }) => id));
        expect(result.reason).toBe(expected.reason);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes microseconds a match with a thousand endpoints', () => {
    const make = (_: unknown, i: number): EndpointEntry => ({
      id: `e${i}`,
      revision: 1,
      name: 'n',
      url: 'https://e.example',
      events: ['submission', 'incoming_message'],
      deviceIds: ['d1'],
      status: 'active',
    });
    const endpoints = Array.from({ length: 1_000 }, make);
    const context: MatchContext = {
      device: { id: 'd1', token: 't', channel: 'waba', inboundMode: 'webhook' },
      endpointsOf: () => endpoints,
      firstMessageActivates: () => false,
      horizon: 0,
    };
    const event: EventFacts = {
      id: 'x',
      type: 'incoming_message',
      channel: 'waba',
      deviceId: 'd1',
      deviceToken: 't',
      acceptedAt: 1,
      production: true,
    };
    const started = performance.now();
    for (let i = 0; i < 100; i++) expect(matchEvent(event, context).endpointIds).toHaveLength(1_000);
    const microsPerMatch = ((performance.now() - started) * 1_000) / 100_000;
    expect(microsPerMatch).toBeLessThan(5);
  });
});
