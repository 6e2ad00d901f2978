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
const odd = readdirSync(new URL('odd/', SAMPLES)).map((name) => `odd/${name}`);

describe('webhooks of Meta', () => {
  // Golden, but not for every channel's suite: here the id is made of the content, so that any further member changes it.
  it.each(odd.map((name) => [read(name).shows, name]))('%s (%s)', (_, name) => {
    const { body, events } = read(name);
    const found = normalised(body).map(({ id, contentOnly, body: event }) => ({ id, contentOnly, ...event }));
    expect(JSON.parse(JSON.stringify(found))).toEqual(events);
  });

  it('belong to the devices of their numbers', () => {
    const found = normalised(read('batch.json').body).map(({ device, lineNumber }) => [
      device?.id,
      lineNumber,
    ]);
    const [first, second] = ['300000000000001', '300000000000002'];
    const foreign = [undefined, '399999999999999'];
    expect(found).toEqual([[first, first], [first, first], [first, first], [second, second], foreign]);
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
