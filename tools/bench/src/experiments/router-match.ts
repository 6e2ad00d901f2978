import { join } from 'node:path';
import type { Figures } from '../experiment.js';

const MATCH = join(import.meta.dirname, '../../../../apps/router/dist/route-events/match-event.js');
const ROUNDS = 2_000;

interface MatchModule {
  matchEvent(facts: object, context: object): { endpointIds: string[] };
}

/** One match as the built router makes it, by the number of endpoints linked to the device; publishing is not in it. */
export async function routerMatch(): Promise<Figures> {
  const { matchEvent } = (await import(MATCH)) as MatchModule;
  const rows = [1, 10, 100, 1_000].map((count) => [count, microsOf(matchEvent, count)]);
  return { 'µs a match, by endpoints of the device': Object.fromEntries(rows) as object };
}

function microsOf(matchEvent: MatchModule['matchEvent'], count: number): number {
  const endpoints = Array.from({ length: count }, (_, i) => ({
    id: `endpoint-${i}`,
    events: ['incoming_message'],
    status: 'active',
  }));
  const facts = { type: 'incoming_message', channel: 'whatsapp', acceptedAt: Date.now() };
  const context = {
    device: { id: 'device', channel: 'whatsapp', inboundMode: 'webhook' },
    endpointsOf: () => endpoints,
    firstMessageActivates: () => false,
    horizon: 0,
  };
  const run = () => {
    for (let i = 0; i < ROUNDS; i++) matchEvent(facts, context);
  };
  run();
  const started = performance.now();
  run();
  return Math.round(((performance.now() - started) / ROUNDS) * 1_000_000) / 1_000;
}
