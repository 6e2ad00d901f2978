import { describe, expect, it } from '@jest/globals';
import type { DeviceEntry, EndpointEntry, EventFacts, InboundMode } from '@kirisan/contracts';
import fc from 'fast-check';
import { type DirectoryView, matchEvent } from './match-event.js';

const facts = (more: Partial<EventFacts> = {}): EventFacts => ({
  id: 'event',
  type: 'incoming_message',
  channel: 'whatsapp',
  deviceId: 'd1',
  deviceToken: 't1',
  acceptedAt: 1_000,
  production: true,
  ...more,
});
const endpoint = (id: string, more: Partial<EndpointEntry> = {}): EndpointEntry => ({
  id,
  revision: 1,
  name: id,
  url: 'https://crm.example',
  events: ['incoming_message'],
  deviceIds: ['d1'],
  status: 'active',
  ...more,
});

function directory(endpoints: EndpointEntry[], inboundMode: InboundMode = 'webhook'): DirectoryView {
  const device: DeviceEntry = { id: 'd1', token: 't1', channel: 'whatsapp', inboundMode };
  return {
    device: (id) => (id === 'd1' ? device : undefined),
    endpointsOf: (id) => endpoints.filter(({ deviceIds }) => deviceIds.includes(id)),
  };
}
const rules = { notBefore: 0, firstMessageActivates: (channel: string) => channel === 'telegram' };

describe('matchEvent', () => {
  it('matches what is linked, subscribed and active, and nothing else', () => {
    const linked = fc.record({
      events: fc.subarray(['incoming_message', 'submission', 'message_status'] as const),
      deviceIds: fc.subarray(['d1', 'd2']),
      status: fc.constantFrom('active', 'paused', 'pending_test'),
    });
    fc.assert(
      fc.property(fc.array(linked, { maxLength: 8 }), (list) => {
        const endpoints = list.map((more, i) => endpoint(`e${i}`, more as Partial<EndpointEntry>));
        const expected = endpoints
          .filter(({ deviceIds }) => deviceIds.includes('d1'))
          .filter(({ events, status }) => events.includes('incoming_message') && status === 'active')
          .map(({ id }) => id);
        const match = matchEvent(facts(), directory(endpoints), rules);
        expect(match.reason ? [] : match.endpointIds).toEqual(expected);
      }),
    );
  });

  it.each<[string, EventFacts, DirectoryView]>([
    ['too_large', facts({ tooLargeBytes: 9e6 }), directory([endpoint('e')])],
    ['too_old', facts({ acceptedAt: -1 }), directory([endpoint('e')])],
    ['unknown_device', facts({ deviceId: 'gone' }), directory([endpoint('e')])],
    ['unknown_device', facts({ deviceId: undefined }), directory([endpoint('e')])],
    ['device_mode', facts(), directory([endpoint('e')], 'off')],
    ['device_mode', facts(), directory([endpoint('e')], 'autoreply')],
    ['no_endpoint', facts(), directory([])],
    ['not_subscribed', facts(), directory([endpoint('e', { events: ['message_status'] })])],
    ['endpoints_inactive', facts(), directory([endpoint('e', { status: 'paused' })])],
    ['endpoints_inactive', facts(), directory([endpoint('e', { status: 'pending_test' })])],
  ])('says %s', (reason, event, view) => {
    expect(matchEvent(event, view, rules)).toEqual({ reason });
  });

  it('delivers statuses whatever the mode, submissions in mode autoreply', () => {
    const all = [endpoint('e', { events: ['message_status', 'submission'] })];
    for (const mode of ['off', 'autoreply', 'webhook'] as const) {
      expect(matchEvent(facts({ type: 'message_status' }), directory(all, mode), rules)).toMatchObject({
        endpointIds: ['e'],
      });
    }
    const submission = facts({ type: 'submission' });
    expect(matchEvent(submission, directory(all, 'autoreply'), rules)).toMatchObject({ endpointIds: ['e'] });
    expect(matchEvent(submission, directory(all, 'webhook'), rules)).toEqual({ reason: 'device_mode' });
  });

  it('names the pending endpoints that a first real message activates, on such a channel only', () => {
    const pending = endpoint('p', { status: 'pending_test' });
    const paused = endpoint('q', { status: 'paused' });
    const view = directory([endpoint('a'), pending, paused]);
    expect(matchEvent(facts({ channel: 'telegram' }), view, rules)).toEqual({
      endpointIds: ['a'],
      toActivate: [pending],
    });
    expect(matchEvent(facts(), view, rules)).toEqual({ endpointIds: ['a'], toActivate: [] });
  });
});
