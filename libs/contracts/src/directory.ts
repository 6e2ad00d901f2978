import type { EventPayload, EventType } from './events.js';

export const INBOUND_MODES = ['webhook', 'autoreply', 'off'] as const;
/** "On incoming message": exactly one at a time. */
export type InboundMode = (typeof INBOUND_MODES)[number];

export const ENDPOINT_STATUSES = ['pending_test', 'active', 'paused'] as const;
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number];

/** A device as routers and workers see it (bucket `directory`, key `device.<id>`). */
export interface DeviceEntry {
  id: string;
  token: string;
  channel: string;
  inboundMode: InboundMode;
}

/** An endpoint as routers and workers see it (bucket `directory`, key `endpoint.<id>`). */
export interface EndpointEntry {
  id: string;
  /** Grows by one with every change; compare-and-set. */
  revision: number;
  name: string;
  url: string;
  /** Sealed with context `endpoint:<id>`. */
  sealedSecret?: string;
  events: EventType[];
  /** Subscribed by the old name alone: header says `submission.completed`. */
  legacySubmission?: boolean;
  deviceIds: string[];
  status: EndpointStatus;
}

/** What an ingestor needs of a device of its channel (bucket `credentials`, key `<channel>.<id>`). */
export interface DeviceCredentialsEntry {
  deviceId: string;
  token: string;
  channel: string;
  name: string;
  number?: string;
  /** Last path segment of the ingest URL: unguessable; devices of one provider app may share it. */
  ingestKey: string;
  /** JSON of the credential fields, sealed with context `credentials:<deviceId>`. */
  sealedCredentials: string;
}

/** Health of a device's connection (bucket `device-health`, key `<channel>.<id>`). */
export interface DeviceHealth {
  state: 'ok' | 'error';
  /** Unix milliseconds of the last genuine request or successful poll. */
  lastSeenAt?: number;
  /** Unix milliseconds. */
  lastErrorAt?: number;
  /** Plain words, no secret. */
  lastError?: string;
}

/** A form field of a device's credentials. */
export interface CredentialField {
  /** Property name in `credentials`. */
  name: string;
  label: string;
  /** Shown under the field. */
  help?: string;
  required: boolean;
  /** Secret fields are masked in every answer. */
  secret: boolean;
  /** Made by the server when absent, of this many random bytes in base64url. */
  generatedBytes?: number;
  /** Characters; default 512. */
  maxLength?: number;
  /** Source of a regular expression that the whole value must match. */
  pattern?: string;
  /**
   * For a field of the channel's identity: source of a regular expression whose first group names the line, where the
   * rest of the value may change (a bot keeps its id when its token is renewed). Absent: the whole value does.
   */
  identityPattern?: string;
}

/** What a channel says of itself (bucket `channels`, key = name). Registry, console and tests keep no list of their own. */
export interface ChannelDescriptor {
  name: string;
  label: string;
  events: EventType[];
  credentials: CredentialField[];
  /** Credential fields that name the line: two devices of the channel may not have the same values. Empty: none. */
  identity: string[];
  /**
   * Credential field whose equal value makes devices share one ingest URL (several numbers of one provider app).
   * Absent: every device has its own.
   */
  sharedIngestBy?: string;
  /** Base URL under which the channel's HTTP edge is reached; the ingest key is appended as a path segment. */
  ingestBaseUrl: string;
  /** Whether the first real message activates a pending endpoint (the Telegram exception). */
  firstMessageActivates?: boolean;
  /** Hints of set-up steps a person follows at the provider, in order. */
  setupSteps: string[];
  /** A realistic payload for each event of the channel; device, timestamp and production are filled in. */
  samples: Partial<Record<EventType, EventPayload>>;
}

/** Asked of the registry when a real message reaches a pending endpoint of a channel with `firstMessageActivates`. */
export interface ActivateRequest {
  endpointId: string;
  /** Revision of the entry that the router saw: a URL that was set later is not activated. */
  revision: number;
}

export interface ActivateReply {
  /** Whether the endpoint is active now. */
  active: boolean;
  /** Revision of the directory in which everybody can see that. */
  directoryRevision: number;
}
