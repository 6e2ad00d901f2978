import { asBoolean, asFilled, asRecord, MalformedRequestError } from '@kirisan/channel-kit';

/** The body of any of the four calls that Fonnte makes; nothing in it says which one it is. */
export type FonnteBody = Readonly<Record<string, unknown>>;

/**
 * What a call is about, told by its fields: a status has `id`, `stateid` or `state` and a device call has `status`, both
 * without `sender`; `own` is our own traffic echoed back. Throws `MalformedRequestError` for what is no call of Fonnte's.
 */
export function callKind(body: FonnteBody): 'message' | 'own' | 'status' | 'device' | 'other' {
  if (senderOf(body) === undefined) return senderless(body);
  if (!hasContent(body) && hasAny(body, ['stateid', 'state'])) return 'status';
  return isOwn(body) ? 'own' : 'message';
}

/** The other party; in a group, the group. */
export function senderOf(body: FonnteBody): string | undefined {
  return asFilled(body['sender'])?.trim() ?? asFilled(body['pengirim'])?.trim();
}

/** The person who wrote in a group; some bodies hold an object. */
export function memberOf(body: FonnteBody): string | undefined {
  return (asFilled(body['member']) ?? asFilled(asRecord(body['member'])?.['jid']))?.trim();
}

function senderless(body: FonnteBody): 'status' | 'device' | 'other' {
  if (hasAny(body, ['stateid', 'state'])) return 'status';
  if (hasContent(body)) throw new MalformedRequestError('sender: is missing');
  if (hasAny(body, ['id'])) return 'status';
  if (hasAny(body, ['status'])) return 'device';
  if (hasAny(body, ['device'])) return 'other';
  throw new MalformedRequestError(
    'body: is none of the calls that Fonnte makes (no sender, stateid, status or device)',
  );
}

/**
 * Our own messages echoed back, and self chat: marked as such, or written by the device itself. The two must be written
 * alike: the device is a label that anybody may choose, so a mere likeness must not cost a customer's message.
 */
function isOwn(body: FonnteBody): boolean {
  if (OWN_MARKS.some((mark) => asBoolean(body[mark]) === true)) return true;
  return (memberOf(body) ?? senderOf(body)) === asFilled(body['device'])?.trim();
}

const OWN_MARKS = ['quick', 'from_me', 'fromMe', 'fromme', 'isfromme'];
const CONTENT = ['message', 'pesan', 'text', 'url', 'location', 'pollname'];

const hasAny = (body: FonnteBody, fields: string[]) =>
  fields.some((field) => asFilled(body[field]) !== undefined);
const hasContent = (body: FonnteBody) => hasAny(body, CONTENT);
