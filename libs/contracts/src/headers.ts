import { type EventType, LEGACY_SUBMISSION_EVENT } from './events.js';

/** Longest signing secret, in characters (contract). */
export const MAX_SECRET_LENGTH = 512;
export const MASKED_SECRET = '********';
/** Carries the signing secret, verbatim. */
export const SECRET_HEADER = 'X-Webhook-Secret';

/** Visible ASCII, spaces inside and Latin-1, as RFC 9110 allows in a field value; no line break, no control character. */
const HEADER_VALUE = /^[\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/;

/** Whether a signing secret can be sent verbatim as a header value. */
export function isLegalSecret(secret: string): boolean {
  return secret.length <= MAX_SECRET_LENGTH && HEADER_VALUE.test(secret);
}

export interface DeliveryHeaderFacts {
  type: EventType;
  deviceToken: string;
  matchId: string;
  production: boolean;
  legacySubmission: boolean;
  secret?: string;
}

/** The headers of a delivery, exactly those of the contract. */
export function deliveryHeaders(facts: DeliveryHeaderFacts): Record<string, string> {
  const headers: Record<string, string> = {
    'Content-Type': 'application/json',
    'User-Agent': facts.production ? 'Kirisan-Webhook/1.0' : 'Kirisan-Webhook-Test/1.0',
    'X-Kirisan-Event':
      facts.legacySubmission && facts.type === 'submission' ? LEGACY_SUBMISSION_EVENT : facts.type,
    'X-Kirisan-Device': facts.deviceToken,
    'webhook-id': facts.matchId,
  };
  if (facts.secret !== undefined) headers[SECRET_HEADER] = facts.secret;
  return headers;
}
