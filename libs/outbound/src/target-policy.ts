import {
  AddressRange,
  type AddressBytes,
  embeddedIpv4,
  isMetadataAddress,
  parseAddress,
  whyNotPublic,
} from './address-ranges.js';
import { TargetPolicyError } from './outbound.errors.js';

/** What the operator allows beyond public https addresses. */
export interface TargetPolicy {
  /** Whether `http://` URLs are allowed too. */
  allowHttp: boolean;
  /**
   * Non-public targets that are allowed: ranges (`10.0.0.0/8`), addresses (`127.0.0.1`), and one port of an address or
   * name (`127.0.0.1:8080`, `[::1]:8080`, `crm.internal:8443`). A name entry trusts whatever that name resolves to,
   * except metadata services.
   */
  allow: readonly string[];
  /** The only ports that are allowed; any if left out. Name and address entries with a port are allowed besides. */
  ports?: readonly number[];
}

interface AllowedRange {
  range: AddressRange;
  port: number | undefined;
}

/** The operator's exceptions, parsed once. */
export class AllowList {
  private readonly ranges: AllowedRange[] = [];
  private readonly names = new Set<string>();

  /** @throws TargetPolicyError for an entry that is neither a range, an address nor `host:port`. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.add(entry.trim());
  }

  /** Whether `name:port` is itself an entry. `name` without trailing dot, lower case. */
  hasName(name: string, port: number): boolean {
    return this.names.size > 0 && this.names.has(`${name}:${port}`);
  }

  /** Whether an entry names exactly this address and port. */
  hasAddress(address: AddressBytes, port: number): boolean {
    return this.ranges.some((entry) => entry.port === port && entry.range.contains(address));
  }

  /** Why the address is refused; undefined if it is public or an entry allows it. */
  whyRefused(address: AddressBytes, port: number, viaAllowedName: boolean): string | undefined {
    const reason = whyNotPublic(address);
    if (reason === undefined) return undefined;
    const matching = this.ranges.filter(
      (entry) => (entry.port === undefined || entry.port === port) && entry.range.contains(address),
    );
    if (matching.some((entry) => entry.range.isSingle)) return undefined;
    if (isMetadataAddress(address)) return reason;
    const embedded = embeddedIpv4(address);
    if (embedded !== undefined && isMetadataAddress(embedded)) return reason;
    if (viaAllowedName) return undefined;
    if (matching.length === 0) return reason;
    return embedded === undefined ? undefined : this.whyRefused(embedded, port, false);
  }

  /** Whether local-looking names can lead anywhere at all under this list. */
  reachesLocalNames(loopback: boolean): boolean {
    if (!loopback) return this.ranges.some(({ range }) => whyNotPublic(range.bytes) !== 'loopback');
    return this.ranges.some(({ range }) => LOOPBACKS.some((address) => range.contains(address)));
  }

  private add(entry: string): void {
    const range = AddressRange.parse(entry);
    if (range !== undefined) {
      this.ranges.push({ range, port: undefined });
      return;
    }
    const { host, port } = splitHostPort(entry);
    const address = parseAddress(host);
    if (address === undefined) this.names.add(`${host}:${port}`);
    else this.ranges.push({ range: new AddressRange(address, address.length * 8, host), port });
  }
}

const LOOPBACKS = [parseAddress('127.0.0.1')!, parseAddress('::1')!];

function splitHostPort(entry: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+)):(\d{1,5})$/i.exec(entry);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) {
    throw new TargetPolicyError(`"${entry}" is neither an address range, an address nor host:port`);
  }
  return { host: (match[1] ?? match[2]!).toLowerCase().replace(/\.$/, ''), port };
}
