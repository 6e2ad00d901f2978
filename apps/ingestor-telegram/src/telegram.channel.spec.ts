import { describe, expect, it } from '@jest/globals';
import {
  type ChannelDevice,
  createProviderRequest,
  MalformedRequestError,
  UnprovenRequestError,
} from '@kirisan/channel-kit';
import fc from 'fast-check';
import { telegramChannel } from './telegram.channel.js';
import type { TelegramCredentials } from './telegram.credentials.js';

const device = (id: string, secretToken: string): ChannelDevice<TelegramCredentials> => ({
  id,
  token: `token-${id}`,
  name: id,
  credentials: { botToken: `${id}:secret`, secretToken },
});
const bot = device('1', 'secret-1');

const post = (body: string, secret?: string) =>
  createProviderRequest({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(secret !== undefined && { 'x-telegram-bot-api-secret-token': secret }),
    },
    body: Buffer.from(body),
    receivedAt: 1_772_000_000_000,
  });
const status = (call: () => unknown) => {
  try {
    call();
  } catch (error) {
    return error instanceof UnprovenRequestError ? error.status : error;
  }
  return 'proven';
};

describe('the secret token', () => {
  it('proves the device whose secret it is', () => {
    expect(telegramChannel.prove(post('{}', 'secret-1'), [bot])).toEqual([bot]);
    expect(telegramChannel.prove(post('{}', 'secret-1'), [device('2', 'secret-2'), bot])).toEqual([bot]);
  });

  it('missing: 401, wrong: 403', () => {
    expect(status(() => telegramChannel.prove(post('{}'), [bot]))).toBe(401);
    expect(status(() => telegramChannel.prove(post('{}', ''), [device('1', '')]))).toBe(401);
    expect(status(() => telegramChannel.prove(post('{}', 'secret-2'), [bot]))).toBe(403);
    expect(status(() => telegramChannel.prove(post('{}', 'secret-1 '), [bot]))).toBe(403);
    expect(status(() => telegramChannel.prove(post('{}', 'x'), [device('1', '')]))).toBe(403);
  });
});

describe('hostile bodies', () => {
  it.each(['null', '7', '"x"', '[]', '{}', '{"message":{"text":"x"}}'])('%s is no update', (body) => {
    expect(() => telegramChannel.normalise(post(body), [bot])).toThrow(MalformedRequestError);
  });

  it.each(['null', '[]', '"x"', '{}', '{"text":"from nobody"}'])(
    "a message that is %s is nobody's",
    (message) => {
      expect(telegramChannel.normalise(post(`{"update_id":1,"message":${message}}`), [bot])).toEqual([]);
    },
  );

  const words = fc.constantFrom(
    ...[
      'text',
      'caption',
      'photo',
      'venue',
      'location',
      'sticker',
      'poll',
      'paid_media',
      'rich_message',
      'blocks',
      'id',
      'from',
    ],
    ...[
      'chat',
      'date',
      'message_id',
      'file_id',
      'width',
      'height',
      '__proto__',
      'constructor',
      'toString',
      'entities',
      'quote',
    ],
    ...[
      'message',
      'data',
      'reply_markup',
      'inline_keyboard',
      'first_name',
      'sender_chat',
      'hologram',
      'type',
      'items',
      'cells',
    ],
  );
  const data = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.oneof(words, fc.string({ unit: 'binary' }), fc.double(), fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(words, tie('value'), { maxKeys: 6 }),
    ),
  })).value;

  it.each(['message', 'business_message', 'callback_query'])(
    'in %s never crash, and whatever comes out is whole',
    (kind) => {
      fc.assert(
        fc.property(fc.dictionary(words, data, { maxKeys: 8 }), (part) => {
          const update = { update_id: 1, [kind]: { chat: { id: -100 }, from: { id: 7 }, ...part } };
          for (const event of telegramChannel.normalise(post(JSON.stringify(update)), [bot])) {
            expect(event.id).toMatch(/^[0-9a-f-]{36}$/);
            expect(Number.isInteger(event.body.timestamp)).toBe(true);
            if (event.body.event !== 'incoming_message') throw new Error('not a message');
            expect(typeof event.body.message.type).toBe('string');
            expect(typeof event.body.message.text).toBe('string');
            expect(typeof event.body.sender.name).toBe('string');
            expect(Object.getPrototypeOf(event.body.metadata)).toBe(Object.prototype);
          }
        }),
        { numRuns: 150 },
      );
    },
  );
});
