import { randomUUID } from 'node:crypto';
import type {
  ClaimEvent,
  ClaimItem,
  Outcome,
  RoutedFacts,
  UnmatchedFacts,
  WorkerHeartbeat,
} from '@kirisan/contracts';
import { matchId } from '@kirisan/contracts';

const BASE = {
  type: 'incoming_message',
  channel: 'whatsapp',
  deviceToken: 'dev-token-1',
  deviceNumber: '628111000001',
  sender: '628999',
  production: true,
} as const;

export function routed(over: Partial<RoutedFacts> = {}): RoutedFacts {
  return {
    ...BASE,
    id: randomUUID(),
    deviceId: randomUUID(),
    acceptedAt: Date.now(),
    endpointIds: [randomUUID()],
    directoryRevision: 1,
    ...over,
  };
}

export function unmatched(over: Partial<UnmatchedFacts> = {}): UnmatchedFacts {
  return {
    ...BASE,
    id: randomUUID(),
    deviceId: randomUUID(),
    acceptedAt: Date.now(),
    reason: 'no_endpoint',
    ...over,
  };
}

export function claimItem(
  facts: RoutedFacts,
  endpointId = facts.endpointIds[0]!,
  over: Partial<ClaimItem> = {},
): ClaimItem {
  const id = matchId(facts.id, endpointId);
  return {
    id,
    matchId: id,
    endpointId,
    endpointName: 'CRM',
    url: 'https://crm.example/hook',
    requestHeaders: { 'Content-Type': 'application/json', 'X-Webhook-Secret': '********' },
    ...over,
  };
}

/** An event with a claim for each of its endpoints. */
export function claimEvent(facts: RoutedFacts = routed(), over: Partial<ClaimEvent> = {}): ClaimEvent {
  return {
    facts,
    payload: Buffer.from(
      JSON.stringify({ event: facts.type, device: facts.deviceToken, message: { text: 'hi' } }),
    ),
    claims: facts.endpointIds.map((id) => claimItem(facts, id)),
    ...over,
  };
}

export function outcome(id: string, over: Partial<Outcome> = {}): Outcome {
  const finishedAt = Date.now();
  return {
    id,
    status: 'success',
    verdict: 'answered',
    httpStatus: 200,
    durationMs: 12,
    timings: { lookupMs: 1, connectMs: 2, firstByteMs: 9 },
    responseHeaders: { 'content-type': 'text/plain' },
    responseBody: 'ok',
    responseTruncated: false,
    startedAt: finishedAt - 12,
    finishedAt,
    ...over,
  };
}

export const heartbeat = (incarnation: string): WorkerHeartbeat => ({ incarnation, inFlight: 1 });
