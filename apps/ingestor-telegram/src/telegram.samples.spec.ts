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
const names = readdirSync(SAMPLES).filter((name) => name !== 'no-event.json');

describe('updates of Telegram', () => {
  // Golden, ids included: a change of an id makes repeats of events that are already in the log look new.
  it.each(names.map((name) => [read(name).shows, name]))('%s (%s)', (_, name) => {
    const sample = read(name);
    const [event, ...others] = normalised(sample.update);
    expect(JSON.parse(JSON.stringify({ id: event?.id, ...event?.body }))).toEqual(sample.event);
    expect(event?.device).toBe(device);
    expect(others).toEqual([]);
  });

  it.each(Object.entries(read('no-event.json')))('hold no event: %s', (_, update) => {
    expect(normalised(update)).toEqual([]);
  });

  it.each(SERVICE_KINDS)('hold no event: the service message %s', (kind) => {
    const { update } = read('empty-message.json');
    expect(normalised(update)).toHaveLength(1);
    expect(normalised({ ...update, message: { ...update.message, [kind]: {} } })).toEqual([]);
  });

  it('hold nothing of the credentials', () => {
    const everything = JSON.stringify(
      names.map((name) => normalised(read(name).update).map(({ id, body }) => ({ id, body }))),
    );
    expect(everything).not.toContain('PLANTED');
  });

  it('keep the ids of a bot whose token was renewed, and never share those of another bot', () => {
    const { update } = read('text-command.json');
    const withToken = (botToken: string) => [{ ...device, credentials: { ...device.credentials, botToken } }];
    const [event] = normalised(update);
    expect(normalised(update, withToken('123456789:RENEWED'))[0]!.id).toBe(event!.id);
    expect(normalised(update, withToken('987654321:PLANTED-BOT-TOKEN'))[0]!.id).not.toBe(event!.id);
  });

  it('after an idle week may have a number that was there before: still another message', () => {
    const { update } = read('text-command.json');
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
