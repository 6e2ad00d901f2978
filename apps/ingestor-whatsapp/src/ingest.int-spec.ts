import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKETS, type ChannelDescriptor, type IncomingMessagePayload } from '@kirisan/contracts';
import { ChannelApp } from '@kirisan/channel-kit/testing';
import { fonnteChannel } from './fonnte.channel.js';

const app = new ChannelApp(fonnteChannel);
beforeAll(() => app.start({ open: {}, closed: { webhookSecret: 'rahasia' } }), 60_000);
afterAll(() => app.stop());
beforeEach(() => app.clear());

const message = { sender: '6285512340001', message: 'halo', timestamp: 1_772_000_000 };
const status = async (key: string, body: string, type?: string) =>
  (await app.send({ key, body, headers: type === undefined ? {} : { 'content-type': type } })).status;
const post = (key: string, body: unknown) => status(key, JSON.stringify(body));
const payloads = async () =>
  (await app.stored()).map(
    ({ payload }) => JSON.parse(Buffer.from(payload).toString()) as IncomingMessagePayload,
  );

describe('the webhook of Fonnte', () => {
  it('stores a message before it says 200', async () => {
    expect(await post('open', message)).toBe(200);
    expect(await payloads()).toMatchObject([
      { device: 'token-d-open', channel: 'whatsapp', message: { text: 'halo' } },
    ]);
  });

  it('asks for the secret where there is one, and never stores it', async () => {
    expect(await post('closed', message)).toBe(401);
    expect(await post('closed', { ...message, secret: 'guess' })).toBe(403);
    expect(await app.stored()).toEqual([]);
    expect(await post('closed', { ...message, secret: 'rahasia' })).toBe(200);
    expect(JSON.stringify(await payloads())).not.toContain('rahasia');
  });

  it('takes forms of both kinds', async () => {
    const form = new URLSearchParams({ sender: '62855', message: 'a+b & c', isgroup: 'false' }).toString();
    expect(await status('open', form, 'application/x-www-form-urlencoded')).toBe(200);
    const multipart = Buffer.from(
      '--x\r\ncontent-disposition: form-data; name="sender"\r\n\r\n62855\r\n' +
        '--x\r\ncontent-disposition: form-data; name="message"\r\n\r\na+b & c\r\n--x--\r\n',
    ).toString();
    expect(await status('open', multipart, 'multipart/form-data; boundary=x')).toBe(200);
    expect((await payloads()).map(({ message: { text } }) => text)).toEqual(['a+b & c', 'a+b & c']);
    expect(new Set((await app.stored()).map(({ facts }) => facts.id)).size).toBe(1);
  });

  it.each([
    ['a message status', { device: '62899', stateid: 'A', state: 'read' }],
    ['a device call', { device: '62899', status: 'disconnect', reason: 'x' }],
    ['self chat', { ...message, quick: true }],
  ])('says 200 to %s and stores nothing', async (_what, body) => {
    expect(await post('open', body)).toBe(200);
    expect(await app.stored()).toEqual([]);
  });

  it.each([
    ['rubbish', '{"a":', 'application/json', 400],
    ['a probe', '{"test":"data"}', 'application/json', 400],
    ['XML', '<a/>', 'application/xml', 415],
    ['plain text', 'x', 'text/plain', 415],
    ['more than 1 MiB', `{"message":"${'x'.repeat(1_100_000)}"}`, 'application/json', 413],
  ])('refuses %s', async (_what, body, type, expected) => {
    expect(await status('open', body, type)).toBe(expected);
    expect(await app.stored()).toEqual([]);
  });

  it('gives repeats one id, with and without the inbox', async () => {
    const repeats = [message, { ...message, inboxid: 5 }, { sender: '62855', message: 'ya' }];
    for (const body of [...repeats, ...repeats]) expect(await post('open', body)).toBe(200);
    const ids = (await app.stored()).map(({ facts }) => facts.id);
    expect(ids).toHaveLength(6);
    expect(new Set(ids).size).toBe(3);
  });

  it('announces itself', async () => {
    const entry = await (await app.admin.bucket(BUCKETS.channels)).get('whatsapp');
    expect(entry?.json<ChannelDescriptor>()).toMatchObject({
      label: 'WhatsApp (Fonnte)',
      ingestBaseUrl: 'https://hooks.example.com/webhooks/whatsapp',
    });
  });
});
