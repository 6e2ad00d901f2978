import { describe, expect, it } from '@jest/globals';
import {
  type ChannelDevice,
  createProviderRequest,
  MalformedRequestError,
  UnprovenRequestError,
  UnsupportedMediaError,
} from '@kirisan/channel-kit';
import { fonnteChannel } from './fonnte.channel.js';
import type { FonnteCredentials } from './fonnte.credentials.js';

const RECEIVED_AT = 1_772_100_000_500;
const FORM = 'application/x-www-form-urlencoded';

const device = (id: string, credentials: FonnteCredentials = {}): ChannelDevice<FonnteCredentials> => ({
  id,
  token: `token-${id}`,
  name: id,
  number: '6289900001111',
  credentials,
});
const open = device('open');
const closed = device('closed', { webhookSecret: 'rahasia' });

const request = (body: string, type = 'application/json') =>
  createProviderRequest(
    { method: 'POST', headers: { 'content-type': type }, body: Buffer.from(body), receivedAt: RECEIVED_AT },
    fonnteChannel.intake?.formats,
  );
const json = (body: unknown) => request(JSON.stringify(body));
const one = (asked: ReturnType<typeof request>, of = open) => {
  const events = fonnteChannel.normalise(asked, [of]);
  expect(events).toHaveLength(1);
  const { body, ...rest } = events[0]!;
  if (body.event !== 'incoming_message') throw new Error(body.event);
  return { ...rest, body };
};
const thrown = (call: () => unknown) => {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
};

describe('the secret', () => {
  const prove = (body: unknown, devices = [closed]) => fonnteChannel.prove(json(body), devices);

  it('is asked for only where the device has one', () => {
    expect(prove({ message: 'x' }, [open])).toEqual([open]);
    expect(prove({ message: 'x', secret: 'anything' }, [open])).toEqual([open]);
    expect(prove({ secret: 'rahasia' })).toEqual([closed]);
  });

  it.each([
    [{}, 401],
    [[], 401],
    ['rahasia', 401],
    [{ secret: null }, 401],
    [{ secret: ['rahasia'] }, 401],
    [{ secret: '' }, 403],
    [{ secret: 'Rahasia' }, 403],
    [{ secret: 'rahasia ' }, 403],
  ])('%j: %i', (body, status) => {
    expect(thrown(() => prove(body))).toMatchObject({ constructor: UnprovenRequestError, status });
  });

  it('may come in a form, or as a number', () => {
    expect(fonnteChannel.prove(request('message=x&secret=rahasia', FORM), [closed])).toEqual([closed]);
    const numeric = device('n', { webhookSecret: '123456' });
    expect(fonnteChannel.prove(json({ secret: 123456 }), [numeric])).toEqual([numeric]);
  });

  it('never leaves, also with a type that passes on what it has', () => {
    const body = { sender: '62855', type: 'new_kind', secret: 'rahasia', access_token: 't', extra: 1 };
    expect(one(json(body), closed).body.metadata).toEqual({ isgroup: false, isforwarded: false, extra: 1 });
  });
});

describe('bodies', () => {
  it('may be forms: every value a string, and "false" is not true', () => {
    const form = new URLSearchParams({
      device: '6289900001111',
      sender: '6285512340001',
      message: '50% + 1 & 2 = "x" 😊 مرحبا',
      text: 'non-button message',
      name: 'A & B',
      inboxid: '77',
      isgroup: 'false',
      isforwarded: 'false',
      member: '',
      location: '',
      url: '',
      timestamp: '1772000000',
    });
    expect(one(request(form.toString(), FORM)).body).toEqual({
      event: 'incoming_message',
      sender: {
        sender: '6285512340001',
        name: 'A & B',
        details: { type: 'personal', sender: '6285512340001', pushname: 'A & B', from_me: false },
      },
      message: { type: 'text', text: '50% + 1 & 2 = "x" 😊 مرحبا' },
      metadata: { inboxid: 77, isgroup: false, isforwarded: false },
      timestamp: 1_772_000_000,
    });
  });

  it('give one id, whether they come as form or as JSON', () => {
    const data = { sender: '6285512340001', message: 'ya', inboxid: 77, timestamp: 1_772_000_000 };
    const form = new URLSearchParams(
      Object.entries(data).map(([name, value]): [string, string] => [name, String(value)]),
    );
    expect(one(request(form.toString(), FORM)).id).toBe(one(json(data)).id);
  });

  it('may be JSON that is labelled as a form', () => {
    expect(one(request('{"sender":"62855","message":"x"}', FORM)).body.message.text).toBe('x');
  });

  it.each([
    ['{"test":"data"}', 'body: is none of the calls that Fonnte makes'],
    ['{"message":"x","device":"1"}', 'sender: is missing'],
    ['{"message":"x","sender":{"jid":"1"}}', 'sender: is missing'],
    ['[]', 'body: is not an object'],
    ['null', 'body: is not an object'],
    ['{', 'body: is not JSON'],
  ])('%s is malformed: %s', (body, reason) => {
    const error = thrown(() => fonnteChannel.normalise(request(body), [open]));
    expect(error).toBeInstanceOf(MalformedRequestError);
    expect(error.message).toContain(reason);
  });

  it('are neither XML nor plain text', () => {
    expect(thrown(() => fonnteChannel.prove(request('<a/>', 'text/xml'), [open]))).toBeInstanceOf(
      UnsupportedMediaError,
    );
    expect(thrown(() => fonnteChannel.prove(request('x', 'text/plain'), [open]))).toBeInstanceOf(
      UnsupportedMediaError,
    );
  });
});

describe('ids', () => {
  const ya = { sender: '6285512340001', message: 'ya', timestamp: 1_772_000_000 };

  it('without inboxid tell two honest copies apart by their time', () => {
    expect(one(json({ ...ya, timestamp: 1_772_000_005 })).id).not.toBe(one(json(ya)).id);
    expect(one(json(ya))).not.toHaveProperty('contentOnly');
  });

  it('without inboxid and time are of the content alone, and say so', () => {
    const { timestamp: _timestamp, ...bare } = ya;
    expect(one(json(bare)).contentOnly).toBe(true);
    expect(one(json({ ...bare, inboxid: 0, timestamp: 0 }))).toMatchObject({
      contentOnly: true,
      id: one(json(bare)).id,
    });
    expect(one(json({ ...bare, message: 'tidak' })).id).not.toBe(one(json(bare)).id);
  });

  it('tell files, people and devices apart', () => {
    const variants = [
      ya,
      { ...ya, url: 'https://a.example/1.jpg' },
      { ...ya, url: 'https://a.example/2.jpg' },
      { ...ya, sender: '6285512340002' },
      { ...ya, location: '1,2' },
      { ...ya, text: 'ya!' },
      { ...ya, pollname: 'p' },
      { ...ya, inboxid: 1 },
      { ...ya, inboxid: 2 },
      { ...ya, isgroup: true, member: '6285512340003' },
    ];
    const ids = variants.map((body) => one(json(body)).id);
    expect(new Set([...ids, one(json(ya), closed).id]).size).toBe(variants.length + 1);
  });
});

describe('self chat', () => {
  it('is told by equal writing alone: a device is called what its owner likes', () => {
    const of = (own: string, sender: string) =>
      fonnteChannel.normalise(json({ device: own, sender, message: 'x' }), [open]);
    expect(of('6289900001111', '6289900001111')).toEqual([]);
    expect(of('089900001111', '6289900001111')).toHaveLength(1);
    expect(of('12345678', '6289900001111')).toHaveLength(1);
  });
});

describe('whose message it is, for searching', () => {
  it("is the person's, also in a group", () => {
    expect(one(json({ sender: '1@g.us', member: '6285512340001', message: 'x' })).sender).toBe(
      '6285512340001',
    );
    expect(one(json({ sender: '6285512340001', message: 'x' })).sender).toBe('6285512340001');
  });
});
