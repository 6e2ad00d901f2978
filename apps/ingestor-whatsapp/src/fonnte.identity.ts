import { eventId } from '@kirisan/contracts';
import { providerSeconds } from '@kirisan/channel-kit';
import type { FonnteContent } from './fonnte.content.js';

/** What the id of a message is made of. */
export interface FonnteIdentity {
  deviceId: string;
  inboxid?: number | string;
  sender: string;
  member?: string;
  /** As Fonnte gave it. */
  timestamp: unknown;
  type: string;
  content: FonnteContent;
}

/**
 * The id of a message: by `inboxid` if the device's inbox is on, else by content and time, else by content alone,
 * where a repeat can not be told from an honest second copy. Changing a recipe is a migration.
 */
export function identityOf(message: FonnteIdentity): { id: string; contentOnly?: true } {
  const { deviceId, inboxid, sender } = message;
  const time = providerSeconds(message.timestamp);
  if (inboxid !== undefined) return { id: eventId('fonnte-inbox', [deviceId, inboxid, sender, time ?? '']) };
  const content = contentParts(message);
  if (time !== undefined) return { id: eventId('fonnte-content', [...content, time]) };
  return { id: eventId('fonnte-content-only', content), contentOnly: true };
}

function contentParts({ deviceId, sender, member, type, content }: FonnteIdentity): string[] {
  return [
    deviceId,
    sender,
    member ?? '',
    type,
    content.text,
    content.button?.text ?? '',
    content.file?.url ?? '',
    content.file?.filename ?? '',
    content.location?.coordinate ?? '',
    content.pollname ?? '',
    JSON.stringify(content.choices),
  ];
}
