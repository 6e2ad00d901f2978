import type { Socket } from 'node:net';
import { dial, type OpeningSockets } from './dial.js';
import { NameResolver, type NameResolverOptions } from './name-resolver.js';
import { OutboundError, TargetNotAllowedError } from './outbound.errors.js';
import { roundMs } from './send-result.js';
import type { Target, TargetGuard } from './target-guard.js';
import { TlsHandshake } from './tls-handshake.js';

export interface GuardedConnectorOptions extends NameResolverOptions {
  guard: TargetGuard;
  /** Further trusted authorities, PEM, besides those that Node brings along (which then leaves `NODE_EXTRA_CA_CERTS` out). */
  ca?: readonly string[];
  /** Longest time to connect to one address, ms. Default 10,000; half of what is left if there is a further address. */
  connectTimeoutMs?: number;
}

/** Milliseconds of each phase that came to its end. */
export interface ConnectTimings {
  lookupMs?: number;
  connectMs?: number;
  tlsMs?: number;
}

/** Addresses of one name that are tried at most. */
const MAX_ADDRESSES = 6;

/** Opens connections to strangers: looks up, checks every address, and dials exactly what was checked. Knows no proxy. */
export class GuardedConnector {
  readonly guard: TargetGuard;
  private readonly names: NameResolver;
  private readonly tls: TlsHandshake;
  private readonly opening: OpeningSockets = new Set();
  private readonly connectTimeoutMs: number;

  constructor(options: GuardedConnectorOptions) {
    this.guard = options.guard;
    this.names = new NameResolver(options);
    this.tls = new TlsHandshake(options.ca);
    this.connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
  }

  /**
   * Connects until `deadline` (`performance.now()`) and fills in `timings` on the way; nothing is written but the TLS
   * handshake.
   * @throws OutboundError `target_not_allowed`, `dns_*`, `connect_*` or `tls_*`.
   */
  async connect(target: Target, deadline: number, timings: ConnectTimings = {}): Promise<Socket> {
    const start = performance.now();
    const addresses = await this.addresses(target, deadline);
    const looked = performance.now();
    if (!target.isAddress) timings.lookupMs = roundMs(looked - start);
    const socket = await this.dial(addresses, target.port, deadline);
    const connected = performance.now();
    timings.connectMs = roundMs(connected - looked);
    if (!target.secure) return socket;
    const secured = await this.tls.secure(socket, target, deadline, this.opening);
    timings.tlsMs = roundMs(performance.now() - connected);
    return secured;
  }

  /** Connections being opened, and names in the cache. */
  stats(): { opening: number; names: number } {
    return { opening: this.opening.size, names: this.names.size };
  }

  /** Gives up every connection that is being opened. */
  close(): void {
    this.names.close();
    for (const socket of this.opening) socket.destroy();
  }

  private async addresses(target: Target, deadline: number): Promise<readonly string[]> {
    if (target.isAddress) {
      this.guard.checkAddresses(target.host, target.port, [target.host]);
      return [target.host];
    }
    const { addresses, local } = await this.names.resolve(target.host, deadline);
    if (!local) {
      this.guard.checkAddresses(target.host, target.port, addresses);
      return addresses.slice(0, MAX_ADDRESSES);
    }
    // The hosts file is the operator's: ::1 beside an allowed 127.0.0.1 is no attack.
    const allowed = addresses.filter((address) => !this.guard.whyRefused(target.host, target.port, address));
    if (allowed.length > 0) return allowed;
    throw new TargetNotAllowedError(
      'target_not_allowed',
      `${target.host} is ${addresses.join(', ')} (hosts file)`,
    );
  }

  private dial(addresses: readonly string[], port: number, deadline: number): Promise<Socket> {
    if (performance.now() >= deadline) throw new OutboundError('connect_timeout', 'no time left');
    const attemptTimeoutMs =
      addresses.length > 1
        ? Math.min(this.connectTimeoutMs, (deadline - performance.now()) / 2)
        : this.connectTimeoutMs;
    return dial(addresses, port, { deadline, attemptTimeoutMs }, this.opening);
  }
}
