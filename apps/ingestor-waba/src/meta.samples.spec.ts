import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type ChannelDevice, createProviderRequest } from '@kirisan/channel-kit';
import type { MetaCredentials } from './meta.credentials.js';
import { normaliseWebhook } from './meta.normalise.js';

const SAMPLES = new URL('../samples/', import.meta.url);
const RECEIVED_AT = 1_772_100_000_500;

const device = (phoneNumberId: string): ChannelDevice<MetaCredentials> => ({
  id: phoneNumberId,
  token: 'device-token',
  name: 'Shop',
  credentials: {
    phoneNumberId,
    appSecret: 'app-secret',
    verifyToken: 'verify',
    accessToken: 'PLANTED-ACCESS-TOKEN',
  },
});
const devices = ['300000000000001', '300000000000002'].map(device);

function normalised(body: unknown) {
  const bytes = Buffer.from(JSON.stringify(body));
  const headers = { 'content-type': 'application/json' };
  return normaliseWebhook(
    createProviderRequest({ method: 'POST', headers, body: bytes, receivedAt: RECEIVED_AT }),
    devices,
  );
}

const read = (name: string) => JSON.parse(readFileSync(new URL(name, SAMPLES), 'utf8'));
const names = readdirSync(SAMPLES).filter((name) => name !== 'no-event.json');

describe('webhooks of Meta', () => {
  // Golden, ids included: a change of an id makes repeats of events that are already in the log look new.
  it.each(names.map((name) => [read(name).shows, name]))('%s (%s)', (_, name) => {
    const sample = read(name);
    const events = normalised(sample.body).map(({ id, contentOnly, device, body }) => ({
      id,
      ...(contentOnly && { contentOnly }),
      device: device?.id ?? null,
      ...body,
    }));
    expect(JSON.parse(JSON.stringify(events))).toEqual(sample.events);
  });

  it.each(Object.entries(read('no-event.json')))('hold no event: %s', (_, body) => {
    expect(normalised(body)).toEqual([]);
  });

  it('carry optional members or none, never null or undefined', () => {
    for (const name of names) {
      for (const { body } of normalised(read(name).body)) expect(holes(body)).toEqual([]);
    }
  });

  it('keep the order of a POST with 1,000 updates', () => {
    const { body } = read('text.json');
    const [message] = body.entry[0].changes[0].value.messages;
    body.entry[0].changes[0].value.messages = Array.from({ length: 1_000 }, (_, i) => ({
      ...message,
      id: `wamid.${i}`,
    }));
    expect(normalised(body).map(({ body: event }) => event.metadata.message_id)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => `wamid.${i}`),
    );
  });

  it('for a number without a device never use up the id of a message for a device', () => {
    const { body } = read('text.json');
    const request = {
      method: 'POST' as const,
      headers: {},
      body: Buffer.from(JSON.stringify(body)),
      receivedAt: RECEIVED_AT,
    };
    const [known] = normaliseWebhook(createProviderRequest(request), devices);
    const [foreign] = normaliseWebhook(createProviderRequest(request), [device('1')]);
    expect(foreign!.device).toBeUndefined();
    expect(foreign!.lineNumber).toBe('300000000000001');
    expect(foreign!.id).not.toBe(known!.id);
  });
});

function holes(value: unknown, path = ''): string[] {
  if (value === undefined || value === null) return [path];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => holes(member, `${path}.${key}`));
}
