import type { Channel } from '@kirisan/channel-kit';
import type { MetaCredentials } from './meta.credentials.js';
import { metaDescriptor } from './meta.descriptor.js';
import { answerHandshake } from './meta.handshake.js';
import { normaliseWebhook } from './meta.normalise.js';
import { signedFor } from './meta.signature.js';

/** Largest body that Meta sends (webhooks overview); larger ones are answered 413. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** WhatsApp Business Platform (Meta Cloud API). */
export const metaChannel: Channel<MetaCredentials> = {
  descriptor: metaDescriptor,
  intake: { maxBodyBytes: MAX_BODY_BYTES },
  prove: signedFor,
  normalise: normaliseWebhook,
  handshake: answerHandshake,
};
