import { decodeRecords, type RoutedFacts } from '@kirisan/contracts';
import { PermanentError } from '@kirisan/service';
import type { RoutedEvent } from './match.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads a message of routed events. Throws `FrameError` or `PermanentError` for what no router has written. */
export function routedEvents(data: Uint8Array): RoutedEvent[] {
  const records = decodeRecords<RoutedFacts>(data);
  for (const { facts } of records) {
    const problem = problemOf(facts);
    if (problem) throw new PermanentError(`the message is not a routed event: ${problem}`);
  }
  return records;
}

function problemOf(facts: Partial<RoutedFacts> | null): string | undefined {
  if (!isId(facts?.id)) return 'its id is not a UUID';
  const { endpointIds, acceptedAt, directoryRevision, deviceToken } = facts!;
  if (!Array.isArray(endpointIds) || !endpointIds.every(isId)) return 'an endpoint id is not a UUID';
  if (typeof acceptedAt !== 'number' || typeof directoryRevision !== 'number') return 'a number is missing';
  if (typeof deviceToken !== 'string') return 'the device token is missing';
  return undefined;
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && UUID.test(value);
}
