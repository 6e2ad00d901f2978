/** The three event types of the webhooks contract. */
export const EVENT_TYPES = ['incoming_message', 'submission', 'message_status'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Old configurations may hold this name; it means `submission`. */
export const LEGACY_SUBMISSION_EVENT = 'submission.completed';

/** The body of an `incoming_message` delivery. Optional members are left out, never null. */
export interface IncomingMessagePayload {
  event: 'incoming_message';
  /** Device token. */
  device: string;
  channel: string;
  sender: Sender;
  message: Message;
  /** Channel-specific extras; provider secrets never appear here. */
  metadata: Record<string, unknown>;
  /**
   * Unix seconds.
   * @integer
   */
  timestamp: number;
  production: boolean;
}

export interface Sender {
  /** Where to reply: phone (digits, country code, no plus), chat id or another opaque provider id. */
  sender: string;
  /** Display name; `""` where the provider gives none. */
  name: string;
  details: Record<string, unknown>;
}

export interface Message {
  /** A type of the contract (`text`, `image`, …) or the provider's own word for one that we do not know. */
  type: string;
  /** Body, caption or callback data; `""` if there is none. */
  text: string;
  file?: MessageFile;
  location?: MessageLocation;
  button?: MessageButton;
}

/** Each member is there only where it is known. */
export interface MessageFile {
  url?: string;
  filename?: string;
  /** A kind word such as `image`. */
  filetype?: string;
  mime_type?: string;
  file_id?: string;
}

export interface MessageLocation {
  latitude: number;
  longitude: number;
  /** `"lat,lng"` */
  coordinate: string;
}

export interface MessageButton {
  id?: string;
  text?: string;
}

/** The body of a `submission` delivery. */
export interface SubmissionPayload {
  event: 'submission';
  submission: { id: number; name: string };
  device: string;
  sender: string;
  channel: string;
  /** In the order asked. */
  answers: { question: string; answer: SubmissionAnswer }[];
  started_at: string;
  completed_at: string;
  /**
   * Unix seconds.
   * @integer
   */
  timestamp: number;
  production: boolean;
}

export type SubmissionAnswer =
  | { type: 'text'; text: string }
  | {
      type: 'image' | 'video' | 'audio' | 'file';
      file: { url: string; filename: string; filetype: string; mime_type?: string };
    };

/** The body of a `message_status` delivery (WABA only). */
export interface MessageStatusPayload {
  event: 'message_status';
  channel: string;
  device: string;
  recipient: string;
  message_id: string;
  /** Meta's word: sent, delivered, read, failed, … */
  status: string;
  metadata: {
    message_id: string;
    status: string;
    errors?: { code: number; title: string; message: string }[];
    [extra: string]: unknown;
  };
  /**
   * Unix seconds.
   * @integer
   */
  timestamp: number;
  production: boolean;
}

export type EventPayload = IncomingMessagePayload | SubmissionPayload | MessageStatusPayload;

/** Routing facts of an event: they travel beside the payload so that nobody on the way has to parse it. */
export interface EventFacts {
  /** See {@link eventId}. */
  id: string;
  type: EventType;
  channel: string;
  /** Absent when genuine traffic names a line that no device is set up for. */
  deviceId?: string;
  deviceToken: string;
  /** Phone number or @username, for searching the log. */
  deviceNumber?: string;
  /** Who wrote (or, for a status, the recipient), for searching the log. */
  sender?: string;
  /** When the ingestor accepted the event, Unix milliseconds. */
  acceptedAt: number;
  production: boolean;
  /** Set instead of a payload when the event exceeds {@link LIMITS.eventBytes}: its size in bytes. */
  tooLargeBytes?: number;
}

/** An event as it travels: its facts, and its payload exactly as it will be POSTed (UTF-8 JSON without line breaks). */
export interface EventRecord<F extends EventFacts = EventFacts> {
  facts: F;
  payload: Uint8Array;
}
