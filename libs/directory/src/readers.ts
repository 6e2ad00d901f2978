import {
  type ChannelDescriptor,
  type DeviceCredentialsEntry,
  type DeviceEntry,
  type DeviceHealth,
  ENDPOINT_STATUSES,
  type EndpointEntry,
  EVENT_TYPES,
  type EventType,
  INBOUND_MODES,
} from '@kirisan/contracts';

type Json = Record<string, unknown>;

/** Reads an entry of the bucket `directory`, key `device.<id>`. Throws for anything else. */
export function readDevice(json: unknown): DeviceEntry {
  const entry = asObject(json);
  return {
    id: text(entry, 'id'),
    token: text(entry, 'token'),
    channel: text(entry, 'channel'),
    inboundMode: oneOf(entry, 'inboundMode', INBOUND_MODES),
  };
}

/** Reads an entry of the bucket `directory`, key `endpoint.<id>`. Throws for anything else. */
export function readEndpoint(json: unknown): EndpointEntry {
  const entry = asObject(json);
  const { revision } = entry;
  if (typeof revision !== 'number') throw new Error('revision is not a number');
  return {
    id: text(entry, 'id'),
    revision,
    name: text(entry, 'name'),
    url: text(entry, 'url'),
    sealedSecret: entry.sealedSecret === undefined ? undefined : text(entry, 'sealedSecret'),
    events: sharedEvents(texts(entry, 'events')),
    legacySubmission: entry.legacySubmission === true || undefined,
    deviceIds: texts(entry, 'deviceIds'),
    status: oneOf(entry, 'status', ENDPOINT_STATUSES),
  };
}

/** Reads an entry of the bucket `credentials`. Throws for anything else. */
export function readCredentials(json: unknown): DeviceCredentialsEntry {
  const entry = asObject(json);
  return {
    deviceId: text(entry, 'deviceId'),
    token: text(entry, 'token'),
    channel: text(entry, 'channel'),
    name: text(entry, 'name'),
    ...(entry.number === undefined ? {} : { number: text(entry, 'number') }),
    ingestKey: text(entry, 'ingestKey'),
    sealedCredentials: text(entry, 'sealedCredentials'),
  };
}

/** Reads an entry of the bucket `channels`. Throws unless it has at least what every descriptor has. */
export function readChannel(json: unknown): ChannelDescriptor {
  const entry = asObject(json);
  for (const name of ['name', 'label', 'ingestBaseUrl']) text(entry, name);
  texts(entry, 'events');
  texts(entry, 'setupSteps');
  if (!Array.isArray(entry.credentials) || !Array.isArray(entry.identity))
    throw new Error('credentials are missing');
  for (const field of entry.credentials) text(asObject(field), 'name');
  asObject(entry.samples);
  return entry as unknown as ChannelDescriptor;
}

/** Reads an entry of the bucket `device-health`. Throws for anything else. */
export function readHealth(json: unknown): DeviceHealth {
  const entry = asObject(json);
  return {
    state: oneOf(entry, 'state', ['ok', 'error'] as const),
    ...(typeof entry.lastSeenAt === 'number' && { lastSeenAt: entry.lastSeenAt }),
    ...(typeof entry.lastErrorAt === 'number' && { lastErrorAt: entry.lastErrorAt }),
    ...(typeof entry.lastError === 'string' && { lastError: entry.lastError }),
  };
}

/** There are few combinations and many endpoints: equal lists are the same object. */
const EVENT_LISTS = new Map<string, EventType[]>();

function sharedEvents(events: string[]): EventType[] {
  const known = EVENT_TYPES.filter((type) => events.includes(type));
  const key = known.join();
  const shared = EVENT_LISTS.get(key);
  if (shared) return shared;
  EVENT_LISTS.set(key, known);
  return known;
}

function asObject(json: unknown): Json {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Error('it is not an object');
  return json as Json;
}

function text(entry: Json, name: string): string {
  const value = entry[name];
  if (typeof value !== 'string') throw new Error(`${name} is not a text`);
  return value;
}

function texts(entry: Json, name: string): string[] {
  const value = entry[name];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw new Error(`${name} is not a list of texts`);
  }
  return value as string[];
}

function oneOf<T extends string>(entry: Json, name: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === entry[name]);
  if (found === undefined) throw new Error(`${name} is none of ${allowed.join(', ')}`);
  return found;
}
