import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { ChannelDevice } from '@kirisan/channel-kit';
import { type ChannelFixture, describeChannel } from '@kirisan/channel-kit/testing';
import { metaChannel } from './meta.channel.js';
import type { MetaCredentials } from './meta.credentials.js';

const SAMPLES = new URL('../samples/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, SAMPLES), 'utf8'));

const device = (phoneNumberId: string, app: string): ChannelDevice<MetaCredentials> => ({
  id: `d${phoneNumberId}`,
  token: `token-${phoneNumberId}`,
  name: phoneNumberId,
  credentials: {
    phoneNumberId,
    appSecret: `PLANTED-APP-SECRET-${app}`,
    verifyToken: `PLANTED-VERIFY-TOKEN-${app}`,
    accessToken: `PLANTED-ACCESS-TOKEN-${app}`,
  },
});

const events: ChannelFixture[] = readdirSync(SAMPLES)
  .filter((name) => name.endsWith('.json') && name !== 'no-event.json')
  .map((name) => {
    const { shows, body, events } = read(name);
    return { name: `${shows} (${name})`, body, events };
  });
const nothing = Object.entries(read('no-event.json')).map(([name, body]) => ({
  name: `holds no event: ${name}`,
  body,
  events: [],
}));

describeChannel(metaChannel, {
  devices: [device('300000000000001', 'one'), device('300000000000002', 'one')],
  stranger: device('300000000000003', 'two'),
  sign: ({ headers, body }, { appSecret }) => ({
    headers: {
      ...headers,
      'x-hub-signature-256': `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`,
    },
    body,
  }),
  fixtures: [...events, ...nothing],
});
