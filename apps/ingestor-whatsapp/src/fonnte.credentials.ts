/** Credentials of a device, as the descriptor names them. */
export interface FonnteCredentials {
  /** "Webhook secret key" of the Fonnte device; when set, every call must carry it in its body. */
  webhookSecret?: string;
  /** Token of the Fonnte device, for sending. */
  apiToken?: string;
}
