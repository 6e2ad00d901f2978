import { readdirSync, readFileSync } from 'node:fs';
import type { ChannelDevice } from '@kirisan/channel-kit';
import { type ChannelFixture, describeChannel, type UnsignedRequest } from '@kirisan/channel-kit/testing';
import { fonnteChannel } from './fonnte.channel.js';
import type { FonnteCredentials } from './fonnte.credentials.js';

const SAMPLES = new URL('../samples/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, SAMPLES), 'utf8'));

const device = (id: string, webhookSecret: string): ChannelDevice<FonnteCredentials> => ({
  id,
  token: `token-${id}`,
  name: id,
  credentials: { webhookSecret, apiToken: `PLANTED-API-TOKEN-${id}` },
});

const events: ChannelFixture[] = readdirSync(SAMPLES)
  .filter((name) => name !== 'no-event.json')
  .map((name) => {
    const { shows, body, events } = read(name);
    return { name: `${shows} (${name})`, body, events };
  });
const nothing = Object.entries(read('no-event.json')).map(([name, body]) => ({
  name: `holds no event: ${name}`,
  body,
  events: [],
}));

/** Fonnte writes the secret into the data; data that has no room for it goes without. */
function sign({ headers, body }: UnsignedRequest, { webhookSecret }: FonnteCredentials): UnsignedRequest {
  const data: unknown = JSON.parse(body.toString());
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return { headers, body };
  const secret = JSON.stringify(webhookSecret);
  const members = JSON.stringify(data).slice(1, -1);
  return { headers, body: Buffer.from(`{${members}${members ? ',' : ''}"secret":${secret}}`) };
}

describeChannel(fonnteChannel, {
  devices: [device('d1', 'PLANTED-SECRET-1')],
  stranger: device('d2', 'PLANTED-SECRET-2'),
  sign,
  fixtures: [...events, ...nothing],
});
