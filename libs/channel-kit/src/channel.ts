import type { ChannelDescriptor, IncomingMessagePayload, MessageStatusPayload } from '@kirisan/contracts';
import type { BodyFormats } from './body/parse-body.js';

/** A request of a provider, as it came. */
export interface ProviderRequest {
  method: 'GET' | 'POST';
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  query: Readonly<Record<string, string>>;
  /** Raw bytes: signatures are computed over these. */
  body: Uint8Array;
  /** Unix milliseconds. */
  receivedAt: number;
  /**
   * The body as data, parsed once: JSON, or a form (every value a string). Integers beyond 2^53 come as strings.
   * Throws `MalformedRequestError` (400) or `UnsupportedMediaError` (415).
   */
  parse(): unknown;
}

/** What bodies a provider sends. */
export interface ChannelIntake {
  /** Default `json`. */
  formats?: BodyFormats;
  /** Bytes; a larger body is answered 413. Default 1 MiB. */
  maxBodyBytes?: number;
}

/** A device of the channel with its credentials opened. `C` is the channel's credentials type. */
export interface ChannelDevice<C> {
  id: string;
  token: string;
  name: string;
  number?: string;
  credentials: C;
}

/** What a channel knows of an event; the kit adds device token, channel and `production`. */
export interface NormalisedEvent<C> {
  /** Made by `eventId` from the provider's own ids. */
  id: string;
  /**
   * Set where the provider gives neither a message id nor a time: `id` is then a hash of the content, and the kit keeps
   * the first sight of it for 20 minutes so that a repeat is known while an honest later copy is a new event.
   */
  contentOnly?: boolean;
  /** Absent: genuine traffic for a line that no device is set up for; recorded as `unknown_device`. */
  device?: ChannelDevice<C>;
  /** For search: who wrote, or the recipient of a status. */
  sender?: string;
  /** For search, where there is no device: the provider's name of the line. */
  lineNumber?: string;
  body: NormalisedBody;
}

export type NormalisedBody =
  | Omit<IncomingMessagePayload, 'device' | 'channel' | 'production'>
  | Omit<MessageStatusPayload, 'device' | 'channel' | 'production'>;

/** Answer to a request that asks for more than "received". */
export interface ProviderAnswer {
  status: number;
  body: string;
  contentType?: string;
}

/**
 * A channel: the two musts (how a request is proven genuine, how it becomes events) and what it may do besides.
 * Functions are synchronous and pure, so that every test of a channel is a call.
 */
export interface Channel<C> {
  descriptor: Omit<ChannelDescriptor, 'ingestBaseUrl'>;

  /** What bodies the provider sends; JSON up to 1 MiB where it says nothing. */
  intake?: ChannelIntake;

  /**
   * Called before anything has an effect, with the devices that share the request's URL (at least one).
   * Returns those whose secret proved the request; throws `UnprovenRequestError` (401 or 403) when there is none.
   */
  prove(request: ProviderRequest, devices: readonly ChannelDevice<C>[]): readonly ChannelDevice<C>[];

  /**
   * Called with the proven devices. Returns the events of the request in its order, none for genuine traffic that
   * holds nothing for us. Throws `MalformedRequestError` for a body that is not the provider's.
   */
  normalise(request: ProviderRequest, devices: readonly ChannelDevice<C>[]): NormalisedEvent<C>[];

  /** Answers the provider's GET handshake; without it GET is 405. Throws `UnprovenRequestError`. */
  handshake?(request: ProviderRequest, devices: readonly ChannelDevice<C>[]): ProviderAnswer;
}
