import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { TargetNotAllowedError, TargetPolicyError } from './outbound.errors.js';
import { MAX_URL_LENGTH, TargetGuard } from './target-guard.js';
import type { TargetPolicy } from './target-policy.js';

function guard(policy: Partial<TargetPolicy> = {}): TargetGuard {
  return new TargetGuard({ allowHttp: true, allow: [], ...policy });
}

/** `ok`, or the code of the refusal. */
function verdict(url: string, policy: Partial<TargetPolicy> = {}): string {
  try {
    guard(policy).checkUrl(url);
    return 'ok';
  } catch (error) {
    if (error instanceof TargetNotAllowedError) return error.code;
    throw error;
  }
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

describe('a URL at saving time', () => {
  it.each([
    ['https://example.com/hook', 'ok'],
    ['https://example.com', 'ok'],
    ['HTTPS://EXAMPLE.COM/', 'ok'],
    ['https://example.com./', 'ok'],
    ['https://bücher.example/', 'ok'],
    ['https://a_b.example.com/x?y=z#f', 'ok'],
    ['https://93.184.216.34/', 'ok'],
    ['https://[2606:2800:220:1::1]:8443/', 'ok'],
    ['http://example.com/', 'ok'],
    ['', 'url_invalid'],
    ['/hook', 'url_invalid'],
    ['example.com/hook', 'url_invalid'],
    ['https:example.com', 'url_invalid'],
    ['https:/example.com', 'url_invalid'],
    [' https://example.com', 'url_invalid'],
    ['https://exa mple.com', 'url_invalid'],
    ['https://exam\nple.com', 'url_invalid'],
    ['https://example.com\\@127.0.0.1/', 'url_invalid'],
    ['https://example.com:99999/', 'url_invalid'],
    ['https://[::1/', 'url_invalid'],
    ['https://[fe80::1%25eth0]/', 'url_invalid'],
    ['https://1.2.3.4.5/', 'url_invalid'],
    ['https://4294967296/', 'url_invalid'],
    ['ftp://example.com/', 'url_scheme'],
    ['file:///etc/passwd', 'url_scheme'],
    ['javascript:alert(1)', 'url_scheme'],
    ['ws://example.com/', 'url_scheme'],
    ['https://user@example.com/', 'url_credentials'],
    ['https://user:pass@example.com/', 'url_credentials'],
    ['https://:@example.com/', 'url_credentials'],
    ['https://@example.com/', 'url_credentials'],
    ['https://', 'url_host'],
    ['https:///example.com', 'url_host'],
    ['https://:443/', 'url_host'],
    ['https://exa!mple.com/', 'url_host'],
    ['https://a..example.com/', 'url_host'],
    ['https://.example.com/', 'url_host'],
    ['https://example.com../', 'url_host'],
    [`https://${'a'.repeat(64)}.example.com/`, 'url_host'],
    [`https://${'a.'.repeat(130)}com/`, 'url_host'],
    ['https://example.com:0/', 'url_port'],
    [`https://example.com/${'a'.repeat(MAX_URL_LENGTH - 20)}`, 'ok'],
    [`https://example.com/${'a'.repeat(MAX_URL_LENGTH - 19)}`, 'url_length'],
    [`https://example.com/${'ü'.repeat(MAX_URL_LENGTH / 2)}`, 'url_length'],
  ])('%s: %s', (url, code) => {
    expect(verdict(url)).toBe(code);
  });

  it('needs https unless the policy allows http', () => {
    expect(verdict('http://example.com/', { allowHttp: false })).toBe('url_scheme');
    expect(verdict('https://example.com/', { allowHttp: false })).toBe('ok');
  });

  it('needs an allowed port if the policy names ports', () => {
    const policy = { ports: [443, 8443], allow: ['127.0.0.1:9000', 'crm.internal:9001'] };
    expect(verdict('https://example.com/', policy)).toBe('ok');
    expect(verdict('https://example.com:8443/', policy)).toBe('ok');
    expect(verdict('https://example.com:22/', policy)).toBe('url_port');
    expect(verdict('http://example.com/', policy)).toBe('url_port');
    expect(verdict('http://127.0.0.1:9000/', policy)).toBe('ok');
    expect(verdict('http://crm.internal:9001/', policy)).toBe('ok');
  });

  it('returns the normalised URL', () => {
    expect(guard().checkUrl('HTTPS://Example.COM:443/a/../b?c').href).toBe('https://example.com/b?c');
  });

  it('reveals no address to the user, but to the operator', () => {
    expect.assertions(2);
    try {
      guard().checkUrl('https://2130706433/');
    } catch (error) {
      expect((error as TargetNotAllowedError).message).toBe('Requests to this address are not allowed.');
      expect((error as TargetNotAllowedError).detail).toContain('127.0.0.1 (loopback)');
    }
  });
});

describe('addresses that are not public', () => {
  // Spellings of loopback; first and last of each special IPv4 range; metadata; IPv6 and its transition formats.
  const HOSTS = `
    127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 017700000001 0177.0.0.01 127.0.0.1.
    %31%32%37.0.0.1 １２７.0.0.1 ①②⑦.0.0.1 127。0。0。1 0x7F.0X0.0.1 127.255.255.254 0 0.0.0.0
    0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 169.254.0.0 169.254.255.255
    172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.255 192.0.2.1 192.88.99.1 192.168.0.0
    192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.255
    240.0.0.1 255.255.255.255 192.31.196.1 192.52.193.1 192.175.48.1 169.254.169.254 2852039166
    0xA9FEA9FE 169.254.170.2 100.100.100.200 168.63.129.16 192.0.0.192 [fd00:ec2::254]
    [fd20:ce::254] [::] [::1] [0:0:0:0:0:0:0:1] [::2] [::127.0.0.1] [::8.8.8.8] [::ffff:127.0.0.1]
    [::ffff:7f00:1] [::ffff:8.8.8.8] [::ffff:0:8.8.8.8] [64:ff9b::7f00:1] [64:ff9b::8.8.8.8]
    [64:ff9b:1::1] [64:ff9b:1:ffff::808:808] [100::1] [2001::1] [2001:0:7f00:1::] [2001:2::1]
    [2001:10::1] [2001:20::1] [2001:1ff::1] [2001:db8::1] [2002:7f00:1::] [2002:808:808::1]
    [3ffe::1] [3fff::1] [5f00::1] [2620:4f:8000::1] [2606:2800:220:1:0:5efe:7f00:1]
    [2606:2800:220:1:200:5efe:808:808] [fc00::1] [fdff::1] [fe80::1] [febf::1] [fec0::1] [ff02::1]
    [ff0e::1] [4000::1] [1fff::1] [8000::1] [e000::1]`;

  it.each(words(HOSTS))('refuses %s', (host) => {
    expect(verdict(`http://${host}/`)).toBe('target_not_allowed');
  });

  const PUBLIC = `
    1.0.0.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
    169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0
    223.255.255.255 134744072 [2000::1] [2001:200::1] [2606:4700::1111] [2a00:1450:4001::1]
    [3ffd::1]`;

  it.each(words(PUBLIC))('allows %s', (host) => {
    expect(verdict(`http://${host}/`)).toBe('ok');
  });
});

describe('local names', () => {
  const NAMES = [
    'localhost',
    'LOCALHOST',
    'localhost.',
    'loc%61lhost',
    'ⓛocalhost',
    'a.localhost',
    'a.b.localhost.',
  ];
  const MORE = [
    'printer.local',
    'metadata.google.internal',
    'x.internal.',
    'redis',
    'nas.home.arpa',
    'localhost.localdomain',
  ];

  it.each([...NAMES, ...MORE])('refuses %s', (name) => {
    expect(verdict(`http://${name}/`)).toBe('target_not_allowed');
  });

  it('allows localhost with loopback, and the others with a private range or by name', () => {
    expect(verdict('http://localhost:3000/', { allow: ['127.0.0.0/8'] })).toBe('ok');
    expect(verdict('http://localhost:3000/', { allow: ['10.0.0.0/8'] })).toBe('target_not_allowed');
    expect(verdict('http://crm.internal/', { allow: ['127.0.0.0/8'] })).toBe('target_not_allowed');
    expect(verdict('http://crm.internal/', { allow: ['10.0.0.0/8'] })).toBe('ok');
    expect(verdict('http://crm.internal:81/', { allow: ['CRM.internal.:81'] })).toBe('ok');
    expect(verdict('http://crm.internal/', { allow: ['crm.internal:81'] })).toBe('target_not_allowed');
    expect(verdict('http://localhost/', { allow: ['0.0.0.0/0'] })).toBe('ok');
  });
});

describe('what the operator allows', () => {
  it.each([
    ['10.1.2.3', ['10.0.0.0/8'], 'ok'],
    ['11.1.2.3', ['10.0.0.0/8'], 'ok'],
    ['10.1.2.3', ['10.1.2.3'], 'ok'],
    ['10.1.2.4', ['10.1.2.3'], 'target_not_allowed'],
    ['10.1.2.3:80', ['10.1.2.3:80'], 'ok'],
    ['10.1.2.3:81', ['10.1.2.3:80'], 'target_not_allowed'],
    ['[::1]:80', ['[::1]:80'], 'ok'],
    ['[fd12::1]', ['fd00::/8'], 'ok'],
    ['127.0.0.9', ['127.0.0.8/31'], 'ok'],
    ['127.0.0.10', ['127.0.0.8/31'], 'target_not_allowed'],
    // A range never opens a metadata service; its own address does.
    ['169.254.169.254', ['0.0.0.0/0'], 'target_not_allowed'],
    ['100.100.100.200', ['100.64.0.0/10'], 'target_not_allowed'],
    ['[fd00:ec2::254]', ['fd00::/8'], 'target_not_allowed'],
    ['169.254.169.254', ['169.254.169.254'], 'ok'],
    // A transition format needs both: its own range, and what it leads to.
    ['[::ffff:127.0.0.1]', ['127.0.0.0/8'], 'target_not_allowed'],
    ['[64:ff9b::7f00:1]', ['64:ff9b::/96'], 'target_not_allowed'],
    ['[64:ff9b::7f00:1]', ['64:ff9b::/96', '127.0.0.0/8'], 'ok'],
    ['[64:ff9b::808:808]', ['64:ff9b::/96'], 'ok'],
    ['[64:ff9b::a9fe:a9fe]', ['::/0', '0.0.0.0/0'], 'target_not_allowed'],
    ['[2002:a00:1::1]', ['2002::/16'], 'target_not_allowed'],
    ['[::1]', ['::/0'], 'ok'],
  ])('%s with %j: %s', (host, allow, code) => {
    expect(verdict(`http://${host}/`, { allow })).toBe(code);
  });

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0/8',
    'fd00::/129',
    'host',
    'host:',
    'host:0',
    'host:65536',
    '*:80',
    '',
    '1.2.3.4/8/9',
  ])('refuses to start with the entry "%s"', (entry) => {
    expect(() => guard({ allow: [entry] })).toThrow(TargetPolicyError);
  });

  it('refuses to start with a port that is none', () => {
    expect(() => guard({ ports: [443, 70_000] })).toThrow(TargetPolicyError);
  });
});

describe('addresses that a name resolved to', () => {
  it('refuses a mixed answer, and one that is not plain', () => {
    const check = (...addresses: string[]) => guard().checkAddresses('example.com', 443, addresses);
    expect(() => check('93.184.216.34', '2606:2800:220:1::1')).not.toThrow();
    expect(() => check('93.184.216.34', '10.0.0.1')).toThrow(TargetNotAllowedError);
    expect(() => check('93.184.216.34', '::1')).toThrow(TargetNotAllowedError);
    expect(() => check('fe80::1%eth0')).toThrow(TargetNotAllowedError);
    expect(() => check('0x7f.1')).toThrow(TargetNotAllowedError);
  });

  it('trusts a name that is allowed with its port, but for metadata services', () => {
    const named = guard({ allow: ['crm.example.com:443'] });
    expect(() => named.checkAddresses('crm.example.com', 443, ['10.0.0.1'])).not.toThrow();
    expect(() => named.checkAddresses('crm.example.com', 444, ['10.0.0.1'])).toThrow(TargetNotAllowedError);
    expect(() => named.checkAddresses('crm.example.com', 443, ['169.254.169.254'])).toThrow(
      TargetNotAllowedError,
    );
    expect(() => named.checkAddresses('crm.example.com', 443, ['::ffff:169.254.169.254'])).toThrow(
      TargetNotAllowedError,
    );
  });
});

describe('for any address', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

  it('decides alike for every spelling of an IPv4 address', () => {
    fc.assert(
      fc.property(bytes(4), ([a = 0, b = 0, c = 0, d = 0]) => {
        const number = ((a * 256 + b) * 256 + c) * 256 + d;
        const spellings = [
          `${number}`,
          `0x${number.toString(16)}`,
          `0${number.toString(8)}`,
          `${a}.${(b * 256 + c) * 256 + d}`,
          `0${a.toString(8)}.0x${b.toString(16)}.${c * 256 + d}`,
          `${a}.${b}.${c}.${d}.`,
          `${a}.${b}.${c}.${d}`.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
        ];
        const expected = verdict(`http://${a}.${b}.${c}.${d}/`);
        for (const spelling of spellings)
          expect([spelling, verdict(`http://${spelling}/`)]).toEqual([spelling, expected]);
      }),
    );
  });

  it('agrees with an independent classification of IPv4', () => {
    fc.assert(
      fc.property(bytes(4), (address) => {
        const parsed = new ipaddr.IPv4([...address]);
        if (parsed.range() !== 'unicast')
          expect(verdict(`http://${parsed.toString()}/`)).toBe('target_not_allowed');
      }),
      { numRuns: 1_000 },
    );
  });

  it('never allows IPv6 outside 2000::/3, nor any transition format', () => {
    const prefixes = [
      '::',
      '::ffff:0:0',
      '::ffff:0:0:0',
      '64:ff9b::',
      '64:ff9b:1::',
      '2002::',
      '2001::',
      'fc00::',
      'fe80::',
    ];
    fc.assert(
      fc.property(bytes(16), fc.constantFrom(...prefixes), bytes(4), (random, prefix, tail) => {
        const inPrefix = ipaddr.IPv6.parse(prefix).toByteArray();
        inPrefix.splice(prefix === '2002::' ? 2 : 12, 4, ...tail);
        for (const address of [Buffer.from(random), Buffer.from(inPrefix)]) {
          const isGlobal = (address[0]! & 0xe0) === 0x20;
          const text = new ipaddr.IPv6([...address]).toString();
          if (!isGlobal || address.equals(Buffer.from(inPrefix))) {
            expect([text, verdict(`http://[${text}]/`)]).toEqual([text, 'target_not_allowed']);
          }
        }
      }),
    );
  });

  it('throws nothing but refusals, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.webUrl(),
          fc.string().map((s) => `https://${s}`),
        ),
        (text) => {
          expect(typeof verdict(text)).toBe('string');
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
