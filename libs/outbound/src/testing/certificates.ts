import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate with its key, both PEM. Made anew in each run, so that none lies in the repository and expires. */
export interface TestCertificate {
  cert: string;
  key: string;
}

export interface CertificateWishes {
  /** Names and addresses that it is for. */
  hosts: string[];
  /** Who signs it; itself if left out. */
  issuer?: TestCertificate;
  notBefore?: Date;
  notAfter?: Date;
}

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const AUTHORITY_NAME = 'Test authority';

/** An authority of its own for tests; hand its `cert` to the sender as `ca`. */
export function testAuthority(): TestCertificate {
  return issue(AUTHORITY_NAME, [basicConstraints(true)], {});
}

/** A server certificate (X.509 v3, P-256) for the hosts, valid from yesterday until tomorrow unless told otherwise. */
export function testCertificate(wishes: CertificateWishes): TestCertificate {
  const names = wishes.hosts.map((host) =>
    isIP(host) === 4 ? tlv(0x87, Buffer.from(host.split('.').map(Number))) : tlv(0x82, Buffer.from(host)),
  );
  const extensions = [basicConstraints(false), extension('2.5.29.17', sequence(...names))];
  return issue(wishes.hosts[0] ?? 'nobody', extensions, wishes);
}

function issue(name: string, extensions: Buffer[], wishes: Partial<CertificateWishes>): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer: KeyObject = wishes.issuer === undefined ? privateKey : createPrivateKey(wishes.issuer.key);
  const tbs = sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    commonName(wishes.issuer === undefined ? name : AUTHORITY_NAME),
    sequence(
      time(wishes.notBefore ?? new Date(Date.now() - DAY_MS)),
      time(wishes.notAfter ?? new Date(Date.now() + DAY_MS)),
    ),
    commonName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = tlv(0x03, Buffer.from([0]), sign('sha256', tbs, signer));
  return {
    cert: pem('CERTIFICATE', sequence(tbs, ECDSA_WITH_SHA256, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

function basicConstraints(isAuthority: boolean): Buffer {
  return extension('2.5.29.19', isAuthority ? sequence(tlv(0x01, Buffer.from([0xff]))) : sequence());
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), tlv(0x04, value));
}

function commonName(name: string): Buffer {
  return sequence(tlv(0x31, sequence(oid('2.5.4.3'), tlv(0x0c, Buffer.from(name)))));
}

function time(date: Date): Buffer {
  return tlv(0x18, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`));
}

function integer(bytes: Buffer): Buffer {
  return tlv(0x02, bytes);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, ...parts);
}

function tlv(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const length = value.length;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), value]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), value]);
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
