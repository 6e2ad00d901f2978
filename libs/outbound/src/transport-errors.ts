import { ConnectionGoneError } from './http-connection.js';
import { describeError, OutboundError, type OutboundErrorCode } from './outbound.errors.js';

const CODES: Record<string, OutboundErrorCode> = {
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'reset',
  ENETUNREACH: 'reset',
  ENETDOWN: 'reset',
  UND_ERR_HEADERS_OVERFLOW: 'bad_response',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'bad_response',
  UND_ERR_INVALID_ARG: 'request_invalid',
  UND_ERR_NOT_SUPPORTED: 'request_invalid',
  ERR_ASSERTION: 'bad_response',
};

/** Translates what undici or a socket says of a connection that was once ready. */
export function errorFromSocket(error: NodeJS.ErrnoException): OutboundError {
  if (error instanceof OutboundError) return error;
  return new OutboundError(codeOf(error), describeError(error));
}

function codeOf(error: NodeJS.ErrnoException): OutboundErrorCode {
  if (error instanceof ConnectionGoneError) return 'closed';
  const code = error.code ?? '';
  if (code === 'UND_ERR_SOCKET')
    return /^bad (response|upgrade)/.test(error.message) ? 'bad_response' : 'closed';
  if (error.name === 'HTTPParserError') return 'bad_response';
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO') return 'tls_failed';
  return CODES[code] ?? 'internal';
}
