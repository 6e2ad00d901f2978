import type { Channel, ChannelDevice, NormalisedEvent, ProviderRequest } from '../channel.js';
import { MalformedRequestError, UnprovenRequestError, UnsupportedMediaError } from '../errors.js';
import { createProviderRequest } from '../provider-request.js';
import { recordOf } from '../publish/event-record.js';
import { payloadProblems } from './payload-problems.js';

/** A request of the provider before its proof is added. */
export interface UnsignedRequest {
  headers: Record<string, string>;
  body: Buffer;
}

export interface ChannelFixture {
  name: string;
  /** Data that is sent as JSON. */
  body: unknown;
  /** Id, `contentOnly` if set, and body of each event that must come out, as plain data. */
  events: Record<string, unknown>[];
}

export interface ConformanceOptions<C> {
  /** Whose lines the fixtures are written for. */
  devices: ChannelDevice<C>[];
  /** A device of somebody else, with other secrets, that happens to share the URL. */
  stranger: ChannelDevice<C>;
  /** Adds the proof that the provider would make with these credentials. */
  sign(request: UnsignedRequest, credentials: C): UnsignedRequest;
  /** At least one for every kind of event and one without any. */
  fixtures: ChannelFixture[];
}

export const RECEIVED_AT = 1_772_100_000_500;

/** What went wrong with a body, other than being refused as it should: a crash, a wrong payload, a secret that leaked. */
export function survival<C>(
  channel: Channel<C>,
  { devices, sign }: ConformanceOptions<C>,
  body: unknown,
): string[] {
  const bytes = JSON.stringify(body);
  if (bytes === undefined) return [];
  const signed = outcome(() =>
    sign({ ...unsignedOf(null), body: Buffer.from(bytes) }, devices[0]!.credentials),
  );
  if (!signed.result) return [];
  const {
    result: events = [],
    problems,
    said,
  } = outcome(() => channel.normalise(requestOf(channel, signed.result!), devices));
  const told = [said, ...events.map((event) => payloadOf(channel, event))].join('\n');
  const leaked = secretsOf(channel, devices).filter((secret) => told.includes(secret));
  return [...problems, ...events.flatMap((event) => problemsOf(channel, event)), ...leaked];
}

/** The result, or what is wrong with how it failed: only the kit's own errors are a way to fail. */
export function outcome<T>(call: () => T): { result?: T; problems: string[]; said: string } {
  try {
    return { result: call(), problems: [], said: '' };
  } catch (error) {
    const { message, stack } = error as Error;
    const ours = [MalformedRequestError, UnsupportedMediaError, UnprovenRequestError].some(
      (type) => error instanceof type,
    );
    return { problems: ours ? [] : [stack ?? message], said: message };
  }
}

export function unsignedOf(body: unknown): UnsignedRequest {
  return { headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) };
}

export function requestOf<C>(
  channel: Channel<C>,
  { headers, body }: UnsignedRequest,
  receivedAt = RECEIVED_AT,
): ProviderRequest {
  return createProviderRequest({ method: 'POST', headers, body, receivedAt }, channel.intake?.formats);
}

export function goldenOf({ id, contentOnly, body }: NormalisedEvent<unknown>): unknown {
  return JSON.parse(JSON.stringify({ id, contentOnly, ...body }));
}

export function withoutMetadata(event: NormalisedEvent<unknown>): unknown {
  const { metadata: _metadata, ...rest } = event.body;
  return { id: event.id, ...rest };
}

export function payloadOf<C>(channel: Channel<C>, event: NormalisedEvent<C>): string {
  return Buffer.from(recordOf(event, channel.descriptor.name, RECEIVED_AT).payload).toString('utf8');
}

/** Judged by the bytes that would be POSTed; an event beyond every size has none. */
export function problemsOf<C>(channel: Channel<C>, event: NormalisedEvent<C>): string[] {
  const payload: unknown = JSON.parse(payloadOf(channel, event));
  return payload === null ? [] : payloadProblems(payload);
}

export function secretsOf<C>({ descriptor }: Channel<C>, devices: ChannelDevice<C>[]): string[] {
  const names = descriptor.credentials.filter(({ secret }) => secret).map(({ name }) => name);
  return devices.flatMap(({ credentials }) =>
    names
      .map((name) => (credentials as Record<string, unknown>)[name])
      .filter((value) => typeof value === 'string'),
  );
}
