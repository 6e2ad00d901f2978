import { hash } from 'node:crypto';

/**
 * The id of an event, made from the provider's own ids so that a repeat has the same id however late it comes.
 * `recipe` names what the parts are; changing a recipe or its order is a migration (golden tests hold it).
 */
export function eventId(recipe: string, parts: readonly (string | number)[]): string {
  return hashId(JSON.stringify([recipe, ...parts.map(String)]));
}

/** The id of a match; also the delivery id of its automatic POST and its `webhook-id` header. */
export function matchId(event: string, endpoint: string): string {
  return hashId(`match:${event}:${endpoint}`);
}

/** SHA-256 cut to 128 bits, written as an RFC 9562 version 8 UUID so that Postgres keeps it in 16 bytes. */
function hashId(text: string): string {
  const hex = hash('sha256', text, 'hex');
  const variant = ((parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
