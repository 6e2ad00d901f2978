/** What a device of this channel is set up with; the fields are described in `meta.descriptor.ts`. */
export interface MetaCredentials {
  /** Meta's id of the number, not the number itself. */
  phoneNumberId: string;
  /** Of the Meta app: it signs every webhook of all numbers of that app. */
  appSecret: string;
  /** Chosen by us, typed in at Meta; asked for once, when the callback URL is set. */
  verifyToken: string;
  /** For replies and media; webhooks need none. */
  accessToken?: string;
}
