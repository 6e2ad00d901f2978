import {
  type ClaimRequest,
  type RoutedFacts,
  type UnmatchedFacts,
  type UnmatchedReason,
} from '@kirisan/contracts';
import { errorText, PermanentError } from '@kirisan/service';
import {
  isUuid,
  NO_DEVICE,
  optionalText,
  safePayload,
  safeText,
  safeTime,
  tokenUuid,
} from '../storage/safe-values.js';

/** Searched and shown, never sent: longer ones are cut, as an index row has its limit. */
const MAX_SEARCHED = 256;
const MAX_SHOWN = 2_048;
const SET_WORTH_IT = 8;

/** An event as its row will be. */
export interface EventRow {
  id: string;
  endpointIds: string[];
  acceptedAt: number;
  event: string;
  channel: string;
  production: boolean;
  deviceId: string;
  deviceToken: string;
  deviceNumber: string | null;
  sender: string | null;
  reason: UnmatchedReason | undefined;
  tooLargeBytes: number | null;
  payload: Uint8Array;
}

/** A claim as its rows will be. */
export interface ClaimRow {
  id: string;
  token: string;
  incarnation: string;
  event: EventRow;
  /** Whether the event's own record here lists the endpoint: it decides if that record is the first. */
  listed: boolean;
  matchId: string;
  endpointId: string;
  endpointName: string;
  url: string;
  requestHeaders: string;
  resendOf: string | null;
}

/** Claims and events that can go into one statement. */
export interface ClaimBatch {
  events: EventRow[];
  claims: ClaimRow[];
}

/** The request can never be answered: a bug of who asks. */
export class ClaimRequestError extends PermanentError {
  override name = 'ClaimRequestError';
}

export function eventRow(facts: RoutedFacts | UnmatchedFacts, payload: Uint8Array): EventRow {
  const endpointIds = 'endpointIds' in facts ? facts.endpointIds : [];
  if (!isUuid(facts.id)) throw new ClaimRequestError(`an event id is not a UUID`);
  if (!Array.isArray(endpointIds) || !endpointIds.every(isUuid)) {
    throw new ClaimRequestError(`event ${facts.id}: an endpoint id is not a UUID`);
  }
  return {
    id: facts.id,
    endpointIds,
    acceptedAt: safeTime(facts.acceptedAt, Date.now()),
    event: safeText(String(facts.type), MAX_SEARCHED),
    channel: safeText(String(facts.channel), MAX_SEARCHED),
    production: facts.production === true,
    deviceId: isUuid(facts.deviceId) ? facts.deviceId : NO_DEVICE,
    deviceToken: safeText(String(facts.deviceToken), MAX_SEARCHED),
    deviceNumber: optionalText(facts.deviceNumber, MAX_SEARCHED),
    sender: optionalText(facts.sender, MAX_SEARCHED),
    reason: 'reason' in facts ? facts.reason : undefined,
    tooLargeBytes: safeTime(facts.tooLargeBytes, -1) < 0 ? null : safeTime(facts.tooLargeBytes, 0),
    payload: safePayload(payload),
  };
}

/** The rows of one request. An event that stands in it twice is registered as it stood first. Throws `ClaimRequestError`. */
export function claimBatch(request: ClaimRequest): ClaimBatch {
  try {
    return readRequest(request);
  } catch (error) {
    // Nothing but the request's own values can be at fault here.
    throw error instanceof ClaimRequestError
      ? error
      : new ClaimRequestError(errorText(error), { cause: error });
  }
}

function readRequest(request: ClaimRequest): ClaimBatch {
  const events = new Map<string, EventRow>();
  const claims = new Map<string, ClaimRow>();
  const token = tokenUuid(String(request.token));
  const incarnation = safeText(String(request.incarnation), MAX_SEARCHED);
  for (const { facts, payload, claims: items } of request.events) {
    const event = events.get(facts.id) ?? eventRow(facts, payload);
    events.set(event.id, event);
    const lists = membership(event.endpointIds);
    for (const item of items) {
      if (!isUuid(item.id) || !isUuid(item.matchId) || !isUuid(item.endpointId)) {
        throw new ClaimRequestError(`event ${facts.id}: the ids of a claim are not UUIDs`);
      }
      // Only a resend may have an id of its own: else a match could be claimed twice under two names.
      if (item.id !== item.matchId && !isUuid(item.resendOf)) {
        throw new ClaimRequestError(`claim ${item.id} is neither its match nor a resend`);
      }
      claims.set(item.id, {
        id: item.id,
        token,
        incarnation,
        event,
        listed: lists(item.endpointId),
        matchId: item.matchId,
        endpointId: item.endpointId,
        endpointName: safeText(String(item.endpointName), MAX_SHOWN),
        url: safeText(String(item.url)),
        requestHeaders: safeText(JSON.stringify(item.requestHeaders ?? {})),
        resendOf: isUuid(item.resendOf) ? item.resendOf : null,
      });
    }
  }
  return { events: [...events.values()], claims: [...claims.values()] };
}

/** Linear for an event with a thousand matches. */
function membership(ids: string[]): (id: string) => boolean {
  if (ids.length <= SET_WORTH_IT) return (id) => ids.includes(id);
  const set = new Set(ids);
  return (id) => set.has(id);
}
