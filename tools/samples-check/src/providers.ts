import { createHmac } from 'node:crypto';
import type { Sample } from './sample-files.js';

/** A sample as it is sent, and what the device must be set up with to take it. */
export interface SignedSample {
  headers: Record<string, string>;
  body: Buffer;
  credentials: Record<string, string>;
}

export interface Provider {
  /** Name of the channel that takes this provider's requests. */
  channel: string;
  /** Adds the right proof, made over the exact bytes. */
  sign(sample: Sample): SignedSample;
}

const SECRET = 'PLANTED-SECRET_of-the-check';

/** The providers whose samples can be checked, by the name of their folder. */
export const PROVIDERS: Record<string, Provider> = {
  fonnte: { channel: 'whatsapp', sign: signFonnte },
  telegram: { channel: 'telegram', sign: signTelegram },
  waba: { channel: 'waba', sign: signMeta },
};

/** The secret travels in the body; a body without it belongs to a device that has none. */
function signFonnte(sample: Sample): SignedSample {
  const { body } = sample;
  const carries = typeof body === 'object' && body !== null && 'secret' in body;
  const bytes = carries ? Buffer.from(JSON.stringify({ ...body, secret: SECRET })) : bytesOf(sample);
  return { headers: headersOf(sample), body: bytes, credentials: carries ? { webhookSecret: SECRET } : {} };
}

function signTelegram(sample: Sample): SignedSample {
  const headers = { ...headersOf(sample), 'x-telegram-bot-api-secret-token': SECRET };
  return {
    headers,
    body: bytesOf(sample),
    credentials: { botToken: '110201543:PLANTED-BOT-TOKEN', secretToken: SECRET },
  };
}

function signMeta(sample: Sample): SignedSample {
  const body = bytesOf(sample);
  const appSecret = sample.secret ?? SECRET;
  const made = `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`;
  // A recorded signature is sent as it was recorded: it is a known answer.
  const headers = { ...headersOf(sample), ...(sample.secret ? {} : { 'x-hub-signature-256': made }) };
  const phoneNumberId = /"phone_number_id":\s*"([^"]+)"/.exec(body.toString())?.[1] ?? '0';
  return { headers, body, credentials: { phoneNumberId, appSecret, verifyToken: 'PLANTED-VERIFY-TOKEN' } };
}

function bytesOf({ body, rawBody }: Sample): Buffer {
  return Buffer.from(rawBody ?? (typeof body === 'string' ? body : JSON.stringify(body)));
}

function headersOf({ headers, contentType }: Sample): Record<string, string> {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { ...Object.fromEntries(lower), 'content-type': contentType };
}
