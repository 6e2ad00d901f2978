import { describe, expect, it } from '@jest/globals';
import {
  type Channel,
  type ChannelDevice,
  createProviderRequest,
  MalformedRequestError,
  type NormalisedEvent,
  UnprovenRequestError,
} from '@kirisan/channel-kit';
import { payloadProblems } from '@kirisan/channel-kit/testing';
import { findChannels } from './channels.js';
import { differences, type Expectation } from './expectation.js';
import { PROVIDERS, type SignedSample } from './providers.js';
import { readSamples, type Sample } from './sample-files.js';

const RECEIVED_AT = Date.now();
const folder = process.env.KIRISAN_SAMPLES_DIR;
const channels = await findChannels();
const samples = folder ? readSamples(folder) : [];

function channelOf({ provider }: Sample): Channel<unknown> {
  const channel = channels.get(PROVIDERS[provider]?.channel ?? provider);
  if (!channel || !PROVIDERS[provider]) throw new Error(`no app takes the samples of ${provider}`);
  return channel;
}

const signedOf = (sample: Sample): SignedSample => PROVIDERS[sample.provider]!.sign(sample);

/** Its token is the line as the sample's expectation names it, so that the device can be compared. */
function deviceOf({ expected }: Sample, credentials: unknown): ChannelDevice<unknown> {
  const [line] = (expected.events[0]?.['device_any_of'] as string[] | undefined) ?? ['any'];
  return { id: 'd1', token: line!, name: 'Line', credentials };
}

function run(channel: Channel<unknown>, signed: SignedSample, device: ChannelDevice<unknown>): unknown[] {
  const { headers, body } = signed;
  const request = createProviderRequest(
    { method: 'POST', headers, body, receivedAt: RECEIVED_AT },
    channel.intake?.formats,
  );
  const proven = channel.prove(request, [device]);
  return channel.normalise(request, proven).map((event) => payloadOf(channel, event));
}

function payloadOf({ descriptor }: Channel<unknown>, { body, device }: NormalisedEvent<unknown>): unknown {
  const payload = { ...body, device: device?.token ?? '', channel: descriptor.name, production: true };
  return JSON.parse(JSON.stringify(payload));
}

function expectEvents(payloads: unknown[], { count, events }: Expectation): void {
  const [least, most] = Array.isArray(count) ? count : [count, count];
  expect(payloads.length).toBeGreaterThanOrEqual(least);
  expect(payloads.length).toBeLessThanOrEqual(most);
  expect(payloads.flatMap(payloadProblems)).toEqual([]);
  // An event beyond the list would not be compared with anything.
  expect(events.length).toBeGreaterThanOrEqual(payloads.length);
  expect(payloads.map((payload, i) => differences(payload, events[i]!))).toEqual(payloads.map(() => []));
}

if (samples.length === 0) {
  it.skip('recorded requests of the providers: KIRISAN_SAMPLES_DIR names their folder', () => undefined);
} else {
  describe('recorded requests of the providers', () => {
    it.each(samples.map((sample) => [sample.name, sample] as const))('%s', (_name, sample) => {
      const channel = channelOf(sample);
      const signed = signedOf(sample);
      let payloads: unknown[] = [];
      try {
        payloads = run(channel, signed, deviceOf(sample, signed.credentials));
      } catch (error) {
        if (sample.expected.accept !== 'any' || !(error instanceof MalformedRequestError)) throw error;
      }
      expectEvents(payloads, sample.expected);
      for (const secret of Object.values(signed.credentials).filter((value) => value.includes('PLANTED'))) {
        expect(JSON.stringify(payloads)).not.toContain(secret);
      }
    });

    const secured = samples.filter((sample) => Object.keys(signedOf(sample).credentials).length > 0);
    it.each(secured.map((sample) => [sample.name, sample] as const))(
      '%s made with another secret is refused',
      (_name, sample) => {
        const signed = signedOf(sample);
        const other = Object.fromEntries(
          Object.keys(signed.credentials).map((name) => [name, 'another-secret']),
        );
        expect(() => run(channelOf(sample), signed, deviceOf(sample, other))).toThrow(UnprovenRequestError);
      },
    );
  });
}
