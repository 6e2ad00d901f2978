import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** 4 or 16 bytes, in network order. */
export type AddressBytes = Uint8Array;

/** The bytes of an address in its plain spelling; undefined for anything else, zone ids included. */
export function parseAddress(text: string): AddressBytes | undefined {
  if (isIP(text) === 0 || text.includes('%')) return undefined;
  return Uint8Array.from(ipaddr.parse(text).toByteArray());
}

/** All addresses that share their first `bits` bits. */
export class AddressRange {
  constructor(
    readonly bytes: AddressBytes,
    readonly bits: number,
    readonly label: string,
  ) {}

  /** Reads `10.0.0.0/8`, `fd00::/8` or a single address; undefined if it is neither. */
  static parse(text: string, label = text): AddressRange | undefined {
    const [address = '', prefix, ...rest] = text.split('/');
    const bytes = parseAddress(address);
    if (bytes === undefined || rest.length > 0) return undefined;
    if (prefix === undefined) return new AddressRange(bytes, bytes.length * 8, label);
    if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bytes.length * 8) return undefined;
    return new AddressRange(bytes, Number(prefix), label);
  }

  /** Whether the range is one single address. */
  get isSingle(): boolean {
    return this.bits === this.bytes.length * 8;
  }

  contains(address: AddressBytes): boolean {
    if (address.length !== this.bytes.length) return false;
    const whole = this.bits >> 3;
    for (let i = 0; i < whole; i++) if (address[i] !== this.bytes[i]) return false;
    const rest = this.bits & 7;
    if (rest === 0) return true;
    return ((address[whole]! ^ this.bytes[whole]!) & (0xff << (8 - rest)) & 0xff) === 0;
  }
}

function ranges(label: string, ...cidrs: string[]): AddressRange[] {
  return cidrs.map((cidr) => AddressRange.parse(cidr, label)!);
}

/** Addresses where clouds hand out credentials; only an entry that names exactly this address allows one. */
const METADATA = ranges(
  'metadata service',
  '169.254.169.254',
  '169.254.169.253',
  '169.254.169.123',
  '169.254.170.2',
  '169.254.170.23',
  '169.254.0.23',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
);

/** IANA special-purpose registry, and what is reserved besides. */
const SPECIAL_IPV4 = [
  ...ranges('unspecified', '0.0.0.0/8'),
  ...ranges('private', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'),
  ...ranges('carrier-grade NAT', '100.64.0.0/10'),
  ...ranges('loopback', '127.0.0.0/8'),
  ...ranges('link-local', '169.254.0.0/16'),
  ...ranges('documentation', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'),
  ...ranges('benchmarking', '198.18.0.0/15'),
  ...ranges('multicast', '224.0.0.0/4'),
  ...ranges('reserved', '192.0.0.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24'),
  ...ranges('reserved', '192.175.48.0/24', '240.0.0.0/4'),
];

/** Parts of 2000::/3 that are not plain unicast; everything outside 2000::/3 is refused anyway. */
const SPECIAL_IPV6 = [
  ...ranges('Teredo', '2001::/32'),
  ...ranges('benchmarking', '2001:2::/48'),
  ...ranges('ORCHID', '2001:10::/28', '2001:20::/28'),
  ...ranges('reserved', '2001::/23', '2620:4f:8000::/48', '3ffe::/16'),
  ...ranges('documentation', '2001:db8::/32', '3fff::/20'),
  ...ranges('6to4', '2002::/16'),
];

/** Names for the log alone: these lie outside 2000::/3. */
const NAMED_IPV6 = [
  ...ranges('unspecified', '::'),
  ...ranges('loopback', '::1'),
  ...ranges('IPv4-mapped', '::ffff:0:0/96'),
  ...ranges('IPv4-translated', '::ffff:0:0:0/96'),
  ...ranges('NAT64', '64:ff9b::/96', '64:ff9b:1::/48'),
  ...ranges('IPv4-compatible', '::/96'),
  ...ranges('unique-local', 'fc00::/7'),
  ...ranges('link-local', 'fe80::/10'),
  ...ranges('site-local', 'fec0::/10'),
  ...ranges('multicast', 'ff00::/8'),
];

const GLOBAL_UNICAST = AddressRange.parse('2000::/3')!;

export function isMetadataAddress(address: AddressBytes): boolean {
  return METADATA.some((range) => range.contains(address));
}

/** Why an address is not part of the public internet, in a word or two; undefined if it is. Unknown means not public. */
export function whyNotPublic(address: AddressBytes): string | undefined {
  const label = METADATA.find((range) => range.contains(address))?.label;
  if (label !== undefined) return label;
  if (address.length === 4) return SPECIAL_IPV4.find((range) => range.contains(address))?.label;
  if (isIsatap(address)) return 'ISATAP';
  if (GLOBAL_UNICAST.contains(address)) return SPECIAL_IPV6.find((range) => range.contains(address))?.label;
  return NAMED_IPV6.find((range) => range.contains(address))?.label ?? 'reserved';
}

/** `…:0:5efe:a.b.c.d` and `…:200:5efe:a.b.c.d`, under any prefix (RFC 5214). */
function isIsatap(address: AddressBytes): boolean {
  return (address[8]! & 0xfd) === 0 && address[9] === 0 && address[10] === 0x5e && address[11] === 0xfe;
}

const EMBEDS_IN_TAIL = ranges(
  '',
  '::/96',
  '::ffff:0:0/96',
  '::ffff:0:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
);
const SIX_TO_FOUR = AddressRange.parse('2002::/16')!;

/** The IPv4 address that a transition format leads to in the end; undefined for ordinary addresses. */
export function embeddedIpv4(address: AddressBytes): AddressBytes | undefined {
  if (address.length !== 16 || isUnspecifiedOrLoopback(address)) return undefined;
  if (SIX_TO_FOUR.contains(address)) return address.slice(2, 6);
  if (isIsatap(address) || EMBEDS_IN_TAIL.some((range) => range.contains(address))) return address.slice(12);
  return undefined;
}

function isUnspecifiedOrLoopback(address: AddressBytes): boolean {
  return address.subarray(0, 15).every((byte) => byte === 0) && address[15]! <= 1;
}
