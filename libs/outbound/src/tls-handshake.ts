import type { Socket } from 'node:net';
import {
  connect,
  type ConnectionOptions,
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { ignore, type OpeningSockets } from './dial.js';
import { describeError, OutboundError, type OutboundErrorCode } from './outbound.errors.js';
import type { Target } from './target-guard.js';

/** Longest time that a TLS session is resumed without looking at the certificate again. */
const SESSION_LIFETIME_MS = 5 * 60_000;
const MAX_SESSIONS = 500;

const CERTIFICATE_MESSAGES: Record<string, string> = {
  CERT_HAS_EXPIRED: "The server's TLS certificate has expired.",
  CERT_NOT_YET_VALID: "The server's TLS certificate is not valid yet.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The server's TLS certificate is self-signed.",
  SELF_SIGNED_CERT_IN_CHAIN: "The server's TLS certificate comes from an unknown authority.",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "The server's TLS certificate comes from an unknown authority.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "The server's TLS certificate chain is incomplete or of an unknown authority.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The server's TLS certificate is for another host name.",
};

/** TLS on sockets that are already connected. The certificate is always verified, whatever the environment says. */
export class TlsHandshake {
  private readonly sessions = new Map<string, { session: Buffer; storedAt: number }>();

  private readonly context: SecureContext;

  /** @param ca further trusted authorities, PEM, besides those of Node */
  constructor(ca: readonly string[] | undefined) {
    const trusted = ca === undefined ? {} : { ca: [...rootCertificates, ...ca] };
    this.context = createSecureContext({ minVersion: 'TLSv1.2', ...trusted });
  }

  /**
   * @param deadline `performance.now()`
   * @throws OutboundError `tls_certificate`, `tls_failed` or `tls_timeout`.
   */
  secure(socket: Socket, target: Target, deadline: number, opening: OpeningSockets): Promise<TLSSocket> {
    const key = `${target.host}:${target.port}`;
    return new Promise((resolve, reject) => {
      const tls = connect(this.options(socket, target, key));
      const fail = (code: OutboundErrorCode, detail: string, message?: string) => {
        clearTimeout(timer);
        opening.delete(tls);
        tls.destroy();
        socket.destroy();
        reject(new OutboundError(code, `${key}: ${detail}`, message));
      };
      const onError = (error: NodeJS.ErrnoException) => {
        this.sessions.delete(key);
        const isVerdict = isCertificateVerdict(tls, error);
        if (isVerdict) fail('tls_certificate', describeError(error), CERTIFICATE_MESSAGES[error.code ?? '']);
        else fail('tls_failed', describeError(error));
      };
      const onClose = () => fail('tls_failed', 'closed during the handshake');
      const timer = setTimeout(
        () => fail('tls_timeout', 'no handshake in time'),
        Math.max(0, deadline - performance.now()),
      );
      opening.add(tls);
      tls.on('error', ignore);
      tls.once('error', onError);
      tls.once('close', onClose);
      tls.once('secureConnect', () => {
        clearTimeout(timer);
        opening.delete(tls);
        tls.off('error', onError);
        tls.off('close', onClose);
        tls.on('session', (session: Buffer) => this.remember(key, session));
        resolve(tls);
      });
    });
  }

  private options(socket: Socket, target: Target, key: string): ConnectionOptions {
    return {
      socket,
      secureContext: this.context,
      host: target.host,
      servername: target.isAddress ? '' : target.host,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: true,
      session: this.recall(key),
    };
  }

  private recall(key: string): Buffer | undefined {
    const known = this.sessions.get(key);
    if (known === undefined) return undefined;
    if (performance.now() - known.storedAt < SESSION_LIFETIME_MS) return known.session;
    this.sessions.delete(key);
    return undefined;
  }

  private remember(key: string, session: Buffer): void {
    const known = this.sessions.get(key);
    this.sessions.delete(key);
    if (this.sessions.size >= MAX_SESSIONS) this.sessions.delete(this.sessions.keys().next().value!);
    // A resumed session inherits the age of the handshake that looked at the certificate.
    this.sessions.set(key, { session, storedAt: known?.storedAt ?? performance.now() });
  }
}

function isCertificateVerdict(tls: TLSSocket, error: NodeJS.ErrnoException): boolean {
  return error.code === 'ERR_TLS_CERT_ALTNAME_INVALID' || (tls.authorizationError ?? null) !== null;
}
