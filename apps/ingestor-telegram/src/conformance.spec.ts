import { readdirSync, readFileSync } from 'node:fs';
import type { ChannelDevice } from '@kirisan/channel-kit';
import { type ChannelFixture, describeChannel } from '@kirisan/channel-kit/testing';
import { telegramChannel } from './telegram.channel.js';
import type { TelegramCredentials } from './telegram.credentials.js';

const SAMPLES = new URL('../samples/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, SAMPLES), 'utf8'));

const device = (bot: string): ChannelDevice<TelegramCredentials> => ({
  id: `d${bot}`,
  token: `token-${bot}`,
  name: bot,
  credentials: { botToken: `${bot}:PLANTED-BOT-TOKEN`, secretToken: `PLANTED-SECRET-${bot}` },
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

describeChannel(telegramChannel, {
  devices: [device('123456789')],
  stranger: device('987654321'),
  sign: ({ headers, body }, { secretToken }) => ({
    headers: { ...headers, 'x-telegram-bot-api-secret-token': secretToken },
    body,
  }),
  fixtures: [...events, ...nothing],
});
