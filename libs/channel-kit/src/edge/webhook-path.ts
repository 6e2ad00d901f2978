/** Path of a channel's webhooks, to which the ingest key is appended. */
export const webhookPath = (channel: string) => `/webhooks/${channel}`;
