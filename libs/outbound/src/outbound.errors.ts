/** Every code that a POST or a URL check can end with, and what the user is told. No text reveals an internal address. */
export const OUTBOUND_MESSAGES = {
  url_invalid: 'This is not a valid absolute URL.',
  url_length: 'The URL is too long.',
  url_scheme: 'The URL must begin with https://.',
  url_credentials: 'The URL must not contain a user name or password.',
  url_host: 'The URL has no valid host name.',
  url_port: 'The port of this URL is not allowed.',
  target_not_allowed: 'Requests to this address are not allowed.',
  request_invalid: 'The request has a header that cannot be sent.',
  dns_failed: 'The host name could not be resolved.',
  dns_timeout: 'Resolving the host name took too long.',
  connect_refused: 'The server refused the connection.',
  connect_timeout: 'Connecting to the server took too long.',
  connect_failed: 'The server could not be reached.',
  tls_certificate: "The server's TLS certificate is not valid.",
  tls_failed: 'The TLS connection to the server could not be established.',
  tls_timeout: 'The TLS handshake with the server took too long.',
  timeout: 'The server did not answer in time.',
  reset: 'The server broke off the connection.',
  closed: 'The server closed the connection without an answer.',
  bad_response: 'The server sent something that is not a valid HTTP answer.',
  claim_expired: 'The request could not be started in time, and was not sent.',
  shutting_down: 'The sender was stopped before the exchange was over.',
  internal: 'The request failed for a reason on our side.',
} as const;

export type OutboundErrorCode = keyof typeof OUTBOUND_MESSAGES;

/** A failure with a stable `code`, a `message` for the user and a `detail` for the operator's log alone. */
export class OutboundError extends Error {
  readonly code: OutboundErrorCode;
  readonly detail: string | undefined;

  constructor(code: OutboundErrorCode, detail?: string, message: string = OUTBOUND_MESSAGES[code]) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.detail = detail;
  }
}

/** The URL or one of its addresses is refused by the policy; `code` is a `url_*` code or `target_not_allowed`. */
export class TargetNotAllowedError extends OutboundError {}

/** The policy itself cannot be read; meant for the operator, at start. */
export class TargetPolicyError extends Error {
  override readonly name = 'TargetPolicyError';
}

/** The message of anything thrown, for the operator's log. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return code === undefined || error.message.includes(code) ? error.message : `${code}: ${error.message}`;
}
