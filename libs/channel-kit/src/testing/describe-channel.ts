import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Channel, ChannelDevice } from '../channel.js';
import { UnprovenRequestError } from '../errors.js';
import {
  type ConformanceOptions,
  goldenOf,
  outcome,
  payloadOf,
  problemsOf,
  RECEIVED_AT,
  requestOf,
  secretsOf,
  survival,
  unsignedOf,
  type UnsignedRequest,
  withoutMetadata,
} from './harness.js';
import { HOSTILE_VALUES, pathsOf, withUnknownFields, withValue } from './mutations.js';
import { payloadProblems } from './payload-problems.js';

/** The suite that every channel passes: call it in a spec of the channel's app. */
export function describeChannel<C>(channel: Channel<C>, options: ConformanceOptions<C>): void {
  describe(`the channel ${channel.descriptor.name} is one of ours:`, () => {
    describeDescriptor(channel);
    describeProof(channel, options);
    describeEvents(channel, options);
    describeHostility(channel, options);
  });
}

function describeDescriptor<C>({ descriptor }: Channel<C>): void {
  it('the descriptor is complete', () => {
    expect(descriptor.name).toMatch(/^[a-z][a-z0-9-]{0,30}$/);
    expect(descriptor.label).not.toBe('');
    expect(descriptor.setupSteps.length).toBeGreaterThan(0);
    const fields = descriptor.credentials.map(({ name }) => name);
    expect(new Set(fields).size).toBe(fields.length);
    expect(fields).toEqual(
      expect.arrayContaining([...descriptor.identity, ...sharing(descriptor.sharedIngestBy)]),
    );
    for (const { pattern } of descriptor.credentials)
      expect(() => new RegExp(pattern ?? '', 'u')).not.toThrow();
  });

  it('it has a sample for each of its events, as the contract writes them', () => {
    expect(Object.keys(descriptor.samples).sort()).toEqual([...descriptor.events].sort());
    for (const [event, sample] of Object.entries(descriptor.samples)) {
      expect(sample).toMatchObject({ event, channel: descriptor.name });
      expect(payloadProblems(sample)).toEqual([]);
    }
  });

  it('it is plain data', () => expect(JSON.parse(JSON.stringify(descriptor))).toEqual(descriptor));
}

const sharing = (field: string | undefined) => (field === undefined ? [] : [field]);

function describeProof<C>(
  channel: Channel<C>,
  { devices, stranger, sign, fixtures }: ConformanceOptions<C>,
): void {
  const unsigned = unsignedOf(fixtures[0]!.body);
  const own = devices[0]!;
  const prove = (request: UnsignedRequest, among: ChannelDevice<C>[]) =>
    channel.prove(requestOf(channel, request), among).map(({ id }) => id);

  it('a request proves the device that has its secret, and nobody else', () => {
    expect(prove(sign(unsigned, own.credentials), [stranger, own])).toEqual([own.id]);
    expect(prove(sign(unsigned, stranger.credentials), [stranger, own])).toEqual([stranger.id]);
  });

  it('a request without proof is refused with 401, one with a wrong proof with 403', () => {
    expect(refusal(() => prove(unsigned, [own]))).toBe(401);
    expect(refusal(() => prove(sign(unsigned, stranger.credentials), [own]))).toBe(403);
  });
}

function refusal(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error instanceof UnprovenRequestError ? error.status : error;
  }
}

function describeEvents<C>(channel: Channel<C>, options: ConformanceOptions<C>): void {
  const { devices, fixtures, sign } = options;
  const normalise = (body: unknown, receivedAt?: number) =>
    channel.normalise(
      requestOf(channel, sign(unsignedOf(body), devices[0]!.credentials), receivedAt),
      devices,
    );

  it.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_name, { body, events }) => {
    expect(normalise(body).map(goldenOf)).toEqual(events);
  });

  it('there are fixtures for every event that it reports, and for none', () => {
    const seen = new Set(fixtures.flatMap(({ events }) => events.map(({ event }) => event)));
    const reported = channel.descriptor.events.filter((event) => event !== 'submission');
    expect([...seen].sort()).toEqual([...reported].sort());
    expect(fixtures.some(({ events }) => events.length === 0)).toBe(true);
  });

  it('every payload is as the contract writes it', () => {
    for (const { body } of fixtures)
      for (const event of normalise(body)) expect(problemsOf(channel, event)).toEqual([]);
  });

  it('a repeat has the same ids, whenever it comes, and different messages have different ones', () => {
    const idsOf = (receivedAt: number) =>
      fixtures.flatMap(({ body }) => normalise(body, receivedAt).map(({ id }) => id));
    const ids = idsOf(RECEIVED_AT);
    expect(idsOf(RECEIVED_AT + 86_400_000)).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('fields of the future change neither ids nor messages', () => {
    for (const { body } of fixtures) {
      const known = normalise(body).map(withoutMetadata);
      expect(normalise(withUnknownFields(body)).map(withoutMetadata)).toEqual(known);
    }
  });

  it('no event holds a secret of the device', () => {
    const everything = fixtures.flatMap(({ body }) =>
      normalise(body).map((event) => payloadOf(channel, event)),
    );
    for (const secret of secretsOf(channel, devices)) expect(everything.join('\n')).not.toContain(secret);
  });
}

function describeHostility<C>(channel: Channel<C>, options: ConformanceOptions<C>): void {
  const survive = (body: unknown) => expect(survival(channel, options, body)).toEqual([]);

  it('it takes anything in place of anything', () => {
    for (const { body } of options.fixtures) {
      for (const path of pathsOf(body))
        for (const value of HOSTILE_VALUES) survive(withValue(body, path, value));
    }
    expect(Object.prototype).not.toHaveProperty('polluted');
  }, 120_000);

  it('it takes several broken fields at a time, and JSON of any kind', () => {
    const broken = fc
      .constantFrom(...options.fixtures)
      .chain(({ body }) =>
        fc
          .array(
            fc.tuple(
              fc.constantFrom(...pathsOf(body)),
              fc.oneof(fc.constantFrom(...HOSTILE_VALUES), fc.jsonValue()),
            ),
          )
          .map((changes) => changes.reduce((data, [path, value]) => tryWith(data, path, value), body)),
      );
    fc.assert(fc.property(fc.oneof({ weight: 4, arbitrary: broken }, fc.jsonValue()), survive), {
      numRuns: 300,
    });
  }, 60_000);

  it('it takes bytes of any kind', () => {
    const { devices, sign } = options;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const request = { ...unsignedOf(null), body: Buffer.from(bytes) };
        expect(outcome(() => channel.prove(requestOf(channel, request), devices)).problems).toEqual([]);
        const signed = outcome(() => requestOf(channel, sign(request, devices[0]!.credentials)));
        if (signed.result)
          expect(outcome(() => channel.normalise(signed.result!, devices)).problems).toEqual([]);
      }),
    );
  });
}

/** An earlier change may have taken the place away. */
function tryWith(data: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const reachable = path
    .slice(0, -1)
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key], data);
  return typeof reachable === 'object' && reachable !== null ? withValue(data, path, value) : data;
}
