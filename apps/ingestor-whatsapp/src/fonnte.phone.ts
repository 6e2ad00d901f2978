import { phoneOrId } from '@kirisan/channel-kit';

/** Fonnte writes Indonesian numbers without country code as `08…`, and takes them so when sending. */
const LOCAL = /^0[1-9]\d{6,13}$/;

/** A phone number with its country code; group ids and WhatsApp privacy ids (LIDs) come back as they are. */
export function internationalPhone(value: string): string {
  const phone = phoneOrId(value);
  return LOCAL.test(phone) ? `62${phone.slice(1)}` : phone;
}
