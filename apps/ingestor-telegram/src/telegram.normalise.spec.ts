import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type ChannelDevice, createProviderRequest } from '@kirisan/channel-kit';
import type { TelegramCredentials } from './telegram.credentials.js';
import { SERVICE_KINDS } from './telegram.kinds.js';
import { normaliseUpdate } from './telegram.normalise.js';

const SAMPLES = new URL('../samples/', import.meta.url);
const RECEIVED_AT = 1_772_100_000_500;

const device: ChannelDevice<TelegramCredentials> = {
  id: 'd1',
  token: 'device-token',
  name: 'Shop',
  credentials: { botToken: '123456789:PLANTED-BOT-TOKEN', secretToken: 'PLANTED-SECRET' },
};

function normalised(update: unknown, devices = [device]) {
  const body = Buffer.from(JSON.stringify(update));
  const headers = { 'content-type': 'application/json' };
  return normaliseUpdate(
    createProviderRequest({ method: 'POST', headers, body, receivedAt: RECEIVED_AT }),
    devices,
  );
}

const read = (name: string) => JSON.parse(readFileSync(new URL(name, SAMPLES), 'utf8'));
const odd = readdirSync(new URL('odd/', SAMPLES)).map((name) => `odd/${name}`);

describe('updates of Telegram', () => {
  // Golden, but not for every channel's suite: here a member of the future is the content itself.
  it.each(odd.map((name) => [read(name).shows, name]))('%s (%s)', (_, name) => {
    const { body, events } = read(name);
    const found = normalised(body).map(({ id, body: event }) => ({ id, ...event }));
    expect(JSON.parse(JSON.stringify(found))).toEqual(events);
  });

  it.each(SERVICE_KINDS)('hold no event: the service message %s', (kind) => {
    const update = read('odd/empty-message.json').body;
    expect(normalised(update)).toHaveLength(1);
    expect(normalised({ ...update, message: { ...update.message, [kind]: {} } })).toEqual([]);
  });

  it('keep the ids of a bot whose token was renewed, and never share those of another bot', () => {
    const update = read('text-command.json').body;
    const withToken = (botToken: string) => [{ ...device, credentials: { ...device.credentials, botToken } }];
    const [event] = normalised(update);
    expect(normalised(update, withToken('123456789:RENEWED'))[0]!.id).toBe(event!.id);
    expect(normalised(update, withToken('987654321:PLANTED-BOT-TOKEN'))[0]!.id).not.toBe(event!.id);
  });

  it('after an idle week may have a number that was there before: still another message', () => {
    const update = read('text-command.json').body;
    const later = { ...update, message: { ...update.message, message_id: update.message.message_id + 1 } };
    expect(normalised(later)[0]!.id).not.toBe(normalised(update)[0]!.id);
  });

  it('keep ids beyond 2^53', () => {
    const body =
      '{"update_id":9007199254740993,"message":{"message_id":1,"date":1772000000,"chat":{"id":-9007199254740995},"text":"x"}}';
    const request = {
      method: 'POST' as const,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(body),
      receivedAt: RECEIVED_AT,
    };
    const [event] = normaliseUpdate(createProviderRequest(request), [device]);
    expect(event!.sender).toBe('-9007199254740995');
    expect(event!.body.metadata.update_id).toBe('9007199254740993');
  });
});
