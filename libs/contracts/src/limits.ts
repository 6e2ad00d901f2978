/** Limits that producers and consumers of messages share. Sizes in bytes. */
export const LIMITS = {
  /** Largest event payload that is delivered; a larger one is recorded with the reason `too_large`. */
  eventBytes: 512 * 1024,
  /** Events of one message are at most this large together (one event may be alone in its message). */
  batchBytes: 512 * 1024,
  /** Events of one message. */
  batchEvents: 64,
  /** Matches of one event; the registry refuses to link more endpoints to one device. */
  matchesPerEvent: 2_000,
  /** `max_payload` of the nats-server: the largest event, its matches and room to spare. */
  natsPayloadBytes: 8 * 1024 * 1024,
} as const;
