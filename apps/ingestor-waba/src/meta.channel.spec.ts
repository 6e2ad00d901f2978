import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  type ChannelDevice,
  createProviderRequest,
  MalformedRequestError,
  UnprovenRequestError,
} from '@kirisan/channel-kit';
import fc from 'fast-check';
import { metaChannel } from './meta.channel.js';
import type { MetaCredentials } from './meta.credentials.js';

const device = (id: string, credentials: Partial<MetaCredentials> = {}): ChannelDevice<MetaCredentials> => ({
  id,
  token: `token-${id}`,
  name: id,
  credentials: { phoneNumberId: `${id}00`, appSecret: 'secret-a', verifyToken: 'verify-a', ...credentials },
});
const one = device('1');
const sameApp = device('2');
const otherApp = device('3', { appSecret: 'secret-b', verifyToken: 'verify-b' });
const all = [one, sameApp, otherApp];

const post = (body: string, signature?: string, receivedAt = 1_772_000_000_000) =>
  createProviderRequest({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(signature !== undefined && { 'x-hub-signature-256': signature }),
    },
    body: Buffer.from(body),
    receivedAt,
  });
const sign = (body: string, secret: string) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
const status = (call: () => unknown) => {
  try {
    call();
  } catch (error) {
    return error instanceof UnprovenRequestError ? error.status : error;
  }
  return 'proven';
};

describe('the signature of Meta', () => {
  // As Meta writes it: other escapes than JSON.stringify would make.
  const body = '{"object":"whatsapp_business_account","t":"Zo\\u00eb \\ud83d\\ude2e a\\/b"}';

  it('proves the devices of the app that signed, and no others', () => {
    expect(metaChannel.prove(post(body, sign(body, 'secret-a')), all)).toEqual([one, sameApp]);
    expect(metaChannel.prove(post(body, sign(body, 'secret-b')), all)).toEqual([otherApp]);
  });

  it('may be written in capitals', () => {
    const capitals = sign(body, 'secret-a').toUpperCase().replace('SHA256', 'sha256');
    expect(metaChannel.prove(post(body, capitals), all)).toEqual([one, sameApp]);
  });

  it('is missing: 401', () => {
    expect(status(() => metaChannel.prove(post(body), all))).toBe(401);
    expect(status(() => metaChannel.prove(post(body, ''), all))).toBe(401);
  });

  it.each([
    ['of another secret', sign(body, 'secret-c')],
    ['of another body', sign(`${body} `, 'secret-a')],
    ['made with the verify token', sign(body, 'verify-a')],
    ['without its prefix', sign(body, 'secret-a').slice(7)],
    ['cut off', sign(body, 'secret-a').slice(0, -2)],
    ['too long', `${sign(body, 'secret-a')}00`],
    ['no hex', `sha256=${'x'.repeat(64)}`],
  ])('%s: 403', (_, signature) => {
    expect(status(() => metaChannel.prove(post(body, signature), all))).toBe(403);
  });

  it('made with no secret at all proves nothing', () => {
    expect(
      status(() => metaChannel.prove(post(body, sign(body, '')), [device('1', { appSecret: '' })])),
    ).toBe(403);
  });
});

describe('the handshake', () => {
  const get = (query: Record<string, string>) =>
    createProviderRequest({ method: 'GET', headers: {}, query, body: new Uint8Array(), receivedAt: 0 });
  const query = (more: Record<string, string> = {}) =>
    get({ 'hub.mode': 'subscribe', 'hub.challenge': '1158201444', 'hub.verify_token': 'verify-b', ...more });

  it('answers the bare challenge for the verify token of any device of the URL', () => {
    expect(metaChannel.handshake!(query(), all)).toEqual({
      status: 200,
      body: '1158201444',
      contentType: 'text/plain; charset=utf-8',
    });
  });

  it('refuses another token, another mode and nothing at all', () => {
    expect(status(() => metaChannel.handshake!(query({ 'hub.verify_token': 'verify-c' }), all))).toBe(403);
    expect(
      status(() =>
        metaChannel.handshake!(query({ 'hub.verify_token': '' }), [device('1', { verifyToken: '' })]),
      ),
    ).toBe(403);
    expect(status(() => metaChannel.handshake!(query({ 'hub.mode': 'unsubscribe' }), all))).toBe(403);
    expect(status(() => metaChannel.handshake!(get({}), all))).toBe(403);
  });

  it.each(['', '<script>', 'a b', '1'.repeat(257)])('echoes no challenge like "%s"', (challenge) => {
    expect(status(() => metaChannel.handshake!(query({ 'hub.challenge': challenge }), all))).toBeInstanceOf(
      MalformedRequestError,
    );
  });
});

describe('hostile bodies', () => {
  it.each(['null', '7', '"x"', '[]', '{}', '{"object":1}'])('%s is not a webhook of Meta', (body) => {
    expect(() => metaChannel.normalise(post(body), all)).toThrow(MalformedRequestError);
  });

  const words = fc.constantFrom(
    ...[
      'text',
      'image',
      'contacts',
      'interactive',
      'button',
      'order',
      'type',
      'body',
      'id',
      'from',
      'timestamp',
      'name',
    ],
    ...[
      'statuses',
      'errors',
      'code',
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'context',
      'profile',
      'wa_id',
      'nfm_reply',
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

  it('never crash, and whatever comes out is whole', () => {
    fc.assert(
      fc.property(fc.array(data), fc.array(data), data, (messages, statuses, contacts) => {
        const value = { metadata: { phone_number_id: '100' }, messages, statuses, contacts };
        const body = {
          object: 'whatsapp_business_account',
          entry: [{ changes: [{ field: 'messages', value }] }],
        };
        for (const event of metaChannel.normalise(post(JSON.stringify(body)), all)) {
          expect(event.id).toMatch(/^[0-9a-f-]{36}$/);
          expect(event.device).toBe(one);
          expect(Number.isInteger(event.body.timestamp)).toBe(true);
          if (event.body.event === 'incoming_message') {
            expect(typeof event.body.message.type).toBe('string');
            expect(typeof event.body.message.text).toBe('string');
            expect(typeof event.body.sender.name).toBe('string');
          }
          expect(Object.getPrototypeOf(event.body.metadata)).toBe(Object.prototype);
        }
      }),
      { numRuns: 200 },
    );
  });
});
