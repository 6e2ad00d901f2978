import { asFilled, asList, asRecord, asString, compact, phoneOrId } from '@kirisan/channel-kit';
import type { Sender } from '@kirisan/contracts';

type Data = Record<string, unknown>;

/** Finds the contact that belongs to a message. */
export type ContactLookup = (message: Data) => Data | undefined;

/**
 * Contacts of a value by their ids: they are not in the order of the messages, and `wa_id` may differ from `from`
 * (Meta, webhooks reference). Where nothing matches, the only contact of a value with one sender is taken.
 */
export function contactLookup(value: Data): ContactLookup {
  const contacts = asList(value.contacts)
    .map(asRecord)
    .filter((contact) => contact !== undefined);
  const byId = new Map<string, Data>();
  for (const contact of contacts) {
    for (const id of [asFilled(contact.wa_id), asFilled(contact.user_id)]) if (id) byId.set(id, contact);
  }
  const senders = new Set(asList(value.messages).map((message) => senderId(asRecord(message) ?? {})));
  const only = contacts.length === 1 && senders.size === 1 ? contacts[0] : undefined;
  return (message) =>
    byId.get(asString(message.from) ?? '') ?? byId.get(asString(message.from_user_id) ?? '') ?? only;
}

/** Users with a username may come without a phone number: then the business-scoped user id is where to reply. */
function senderId(message: Data): string {
  return phoneOrId(asFilled(message.from) ?? asFilled(message.from_user_id) ?? '');
}

/** Meta always says who wrote; should it not, the message is passed on all the same. */
const NOBODY = 'unknown';

/** Who wrote, and whether in private or in a group. */
export function senderOf(message: Data, contact: Data | undefined): Sender {
  const profile = asRecord(contact?.profile);
  const groupId = asFilled(message.group_id);
  const details = compact({
    type: groupId ? 'group' : 'personal',
    from: asFilled(message.from),
    wa_id: asFilled(contact?.wa_id),
    user_id: asFilled(message.from_user_id) ?? asFilled(contact?.user_id),
    parent_user_id: asFilled(message.from_parent_user_id) ?? asFilled(contact?.parent_user_id),
    username: asFilled(profile?.username),
    group_id: groupId,
  });
  const sender = senderId(message) || asFilled(contact?.wa_id) || asFilled(contact?.user_id) || NOBODY;
  return { sender, name: asString(profile?.name) ?? '', details };
}
