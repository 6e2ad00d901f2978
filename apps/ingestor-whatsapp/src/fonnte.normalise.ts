import type { IncomingMessagePayload, Message, Sender } from '@kirisan/contracts';
import {
  asBoolean,
  asFilled,
  asNumber,
  asRecord,
  asString,
  type ChannelDevice,
  compact,
  type NormalisedEvent,
  unixSeconds,
} from '@kirisan/channel-kit';
import { type FonnteBody, memberOf, senderOf } from './fonnte.call.js';
import { type FonnteContent, contentOf } from './fonnte.content.js';
import type { FonnteCredentials } from './fonnte.credentials.js';
import { identityOf } from './fonnte.identity.js';
import { internationalPhone } from './fonnte.phone.js';
import { typeOf } from './fonnte.type.js';

/** The event of an incoming message; `body` must have a sender. */
export function normaliseMessage(
  body: FonnteBody,
  device: ChannelDevice<FonnteCredentials>,
  receivedAt: number,
): NormalisedEvent<FonnteCredentials> {
  const content = contentOf(body);
  const { type, unknown } = typeOf(body, content);
  const people = peopleOf(body);
  const inboxid = inboxIdOf(body);
  const identity = { deviceId: device.id, inboxid, timestamp: body['timestamp'], type, content, ...people };
  return {
    ...identityOf(identity),
    device,
    sender: people.member ?? people.sender,
    body: {
      event: 'incoming_message',
      sender: senderPart(body, people),
      message: messagePart(type, content),
      metadata: { ...metadataPart(body, content, people, inboxid), ...(unknown ? unknownFields(body) : {}) },
      timestamp: unixSeconds(body['timestamp'], receivedAt),
    },
  };
}

interface People {
  sender: string;
  /** The person who wrote in a group. */
  member?: string;
  group: boolean;
}

function peopleOf(body: FonnteBody): People {
  const sender = senderOf(body)!;
  const member = memberOf(body);
  const group = /@g\.us$/i.test(sender) || (asBoolean(body['isgroup']) ?? member !== undefined);
  if (!group) return { sender: isLid(body) ? sender : internationalPhone(sender), group };
  return { sender, member: member === undefined || isLid(body) ? member : internationalPhone(member), group };
}

/** With mode "lid" ids are WhatsApp's privacy ids, which only look like numbers. */
const isLid = (body: FonnteBody) => asString(body['mode'])?.trim().toLowerCase() === 'lid';

function senderPart(body: FonnteBody, { sender, member, group }: People): Sender {
  const name =
    asFilled(body['name']) ??
    asFilled(body['pushname']) ??
    asFilled(asRecord(body['member'])?.['name']) ??
    '';
  const details = {
    type: group ? 'group' : 'personal',
    sender: group ? member : sender,
    pushname: name,
    from_me: false,
  };
  return { sender, name, details: compact(details) };
}

/** Fonnte's word for the kind of a file is better than what its extension suggests. */
const FILE_TYPES = new Set(['image', 'video', 'audio', 'document', 'sticker']);

function messagePart(type: string, { text, file, location, button }: FonnteContent): Message {
  const kind = file && FILE_TYPES.has(type) ? { ...file, filetype: type } : file;
  return compact({ type, text, file: kind, location, button });
}

function metadataPart(body: FonnteBody, content: FonnteContent, people: People, inboxid?: number | string) {
  return compact<IncomingMessagePayload['metadata']>({
    inboxid,
    isgroup: people.group,
    isforwarded: asBoolean(body['isforwarded']) ?? false,
    pollname: content.pollname,
    choices: content.choices.length > 0 ? content.choices : undefined,
    extension: asFilled(body['extension']),
    mode: asFilled(body['mode']),
    memberlid: asFilled(body['memberlid']),
  });
}

/** Above 0 while the inbox feature is on; 0 or missing otherwise. */
function inboxIdOf(body: FonnteBody): number | string | undefined {
  const digits = asString(body['inboxid'])?.trim();
  if (digits === undefined || !/^\d{1,40}$/.test(digits) || /^0+$/.test(digits)) return undefined;
  const number = asNumber(digits);
  return Number.isSafeInteger(number) ? number : digits;
}

/** Fields that the event tells already, each in its proper form. */
const TOLD = new Set(
  `device sender pengirim member memberlid message pesan text name pushname location url type filename extension
  timestamp inboxid isgroup isforwarded pollname choices mode quick`.split(/\s+/),
);
const CONFIDENTIAL = /secret|token|password|api_?key|auth/i;

/** Of a type that we do not know, whatever else came is passed on; its empty fields say nothing. */
function unknownFields(body: FonnteBody): Record<string, unknown> {
  const extra = Object.entries(body).filter(
    ([name, value]) => !TOLD.has(name) && !CONFIDENTIAL.test(name) && !isEmpty(value),
  );
  return Object.fromEntries(extra);
}

const isEmpty = (value: unknown) =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);
