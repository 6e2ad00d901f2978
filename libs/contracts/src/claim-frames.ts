import { Buffer } from 'node:buffer';
import type { ClaimEvent, ClaimItem, ClaimRequest, RoutedFacts } from './deliveries.js';
import { FrameError, parseLine, splitLines } from './frames.js';

interface ClaimHead {
  token: string;
  incarnation: string;
  events: { facts: RoutedFacts; claims: ClaimItem[] }[];
}

/** A claim request as bytes: one line of JSON, then one line of payload for each event. */
export function encodeClaimRequest(request: ClaimRequest): Uint8Array {
  const { token, incarnation, events } = request;
  const head: ClaimHead = {
    token,
    incarnation,
    events: events.map(({ facts, claims }) => ({ facts, claims })),
  };
  const parts: Uint8Array[] = [Buffer.from(`${JSON.stringify(head)}\n`)];
  for (const event of events) parts.push(event.payload, NEWLINE);
  return Buffer.concat(parts);
}

const NEWLINE = Buffer.from('\n');

/** The inverse of {@link encodeClaimRequest}. Throws `FrameError` on anything else. */
export function decodeClaimRequest(bytes: Uint8Array): ClaimRequest {
  const [first, ...payloads] = splitLines(bytes);
  if (!first) throw new FrameError('a claim request without its first line');
  const head = parseLine<ClaimHead | null>(first);
  if (!isHead(head)) throw new FrameError('the first line is no claim request');
  if (payloads.length !== head.events.length) throw new FrameError('payloads and events differ in number');
  const events = head.events.map((event, i): ClaimEvent => ({ ...event, payload: payloads[i]! }));
  return { token: head.token, incarnation: head.incarnation, events };
}

function isHead(head: ClaimHead | null): head is ClaimHead {
  if (!Array.isArray(head?.events)) return false;
  return head.events.every(
    (event) => isObject(event?.facts) && Array.isArray(event.claims) && event.claims.every(isObject),
  );
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
