import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GuardedConnector, type GuardedConnectorOptions } from './guarded-connector.js';
import { HostsFile } from './hosts-file.js';
import { OutboundError } from './outbound.errors.js';
import { TargetGuard } from './target-guard.js';
import { type FakeAnswer, FakeDns, type RecordType } from './testing/fake-dns.js';
import { RawServer } from './testing/raw-server.js';
import { pause } from './testing/senders.js';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function withDns(
  answer: (name: string, type: RecordType) => FakeAnswer | undefined,
  options: Partial<GuardedConnectorOptions> & { allow?: string[] } = {},
): Promise<{ dns: FakeDns; connector: GuardedConnector }> {
  const dns = new FakeDns(answer);
  const servers = [await dns.start()];
  const guard = new TargetGuard({ allowHttp: true, allow: options.allow ?? ['127.0.0.0/8'] });
  const connector = new GuardedConnector({ guard, servers, hostsFile: '/nonexistent', ...options });
  cleanUps.push(
    () => dns.stop(),
    () => connector.close(),
  );
  return { dns, connector };
}

async function listen(host = '127.0.0.1'): Promise<RawServer> {
  const server = await new RawServer(() => undefined).start(host);
  cleanUps.push(() => server.stop());
  return server;
}

/** `ok` or the code of the failure; on success the address that was dialled comes along. */
async function attempt(
  connector: GuardedConnector,
  url: string,
  timeoutMs = 5_000,
): Promise<[string, string?]> {
  try {
    const socket = await connector.connect(connector.guard.target(url), performance.now() + timeoutMs);
    const address = socket.remoteAddress;
    socket.destroy();
    return ['ok', address];
  } catch (error) {
    if (error instanceof OutboundError) return [error.code];
    throw error;
  }
}

describe('a name that is looked up', () => {
  it('is dialled at the address that was checked', async () => {
    const server = await listen('127.0.0.77');
    const { connector } = await withDns((_name, type) => ({ addresses: type === 'A' ? ['127.0.0.77'] : [] }));
    expect(await attempt(connector, `http://good.test:${server.port}/`)).toEqual(['ok', '127.0.0.77']);
  });

  it.each([
    ['a private address', ['10.0.0.1']],
    ['a public and a private address', ['93.184.216.34', '10.0.0.1']],
    ['a public IPv4 and a private IPv6 address', ['93.184.216.34', 'fd00::1']],
    ['an allowed and a metadata address', ['127.0.0.1', '169.254.169.254']],
    ['an IPv4-mapped address', ['::ffff:127.0.0.1']],
    ['a NAT64 address', ['64:ff9b::7f00:1']],
  ])('is refused if it has %s', async (_what, addresses) => {
    const server = await listen();
    const { connector } = await withDns(() => ({ addresses }));
    expect(await attempt(connector, `http://mixed.test:${server.port}/`)).toEqual(['target_not_allowed']);
    await pause(20);
    expect(server.received).toEqual([]);
  });

  it('is checked anew for each answer, and never dialled at another address than the checked one', async () => {
    const server = await listen();
    let round = 0;
    const rebinding = ['127.0.0.1', '10.0.0.1', '127.0.0.1', '169.254.169.254'];
    const { connector } = await withDns((_name, type) => {
      if (type === 'AAAA') return {};
      return { addresses: [rebinding[round++ % rebinding.length]!], ttl: 0 };
    });
    const url = `http://rebind.test:${server.port}/`;
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push((await attempt(connector, url))[0]);
    expect(codes).toEqual(['ok', 'target_not_allowed', 'ok', 'target_not_allowed']);
  });

  it('is asked for once by concurrent connections, and again when its time to live is over', async () => {
    const server = await listen();
    const { dns, connector } = await withDns(() => ({ addresses: ['127.0.0.1'], delayMs: 20 }), {
      cacheMs: 100,
    });
    const url = `http://cached.test:${server.port}/`;
    await Promise.all(Array.from({ length: 20 }, () => attempt(connector, url)));
    await attempt(connector, url);
    expect(dns.questions.toSorted()).toEqual(['cached.test A', 'cached.test AAAA']);
    await pause(150);
    await attempt(connector, url);
    expect(dns.questions).toHaveLength(4);
  });

  it('is kept in a cache of bounded size', async () => {
    const { connector } = await withDns(() => ({ addresses: ['10.0.0.1'] }), { cacheSize: 10 });
    const names = Array.from({ length: 50 }, (_, i) => `http://n${i}.test/`);
    for (const name of names) await attempt(connector, name);
    expect(connector.stats().names).toBe(10);
  });

  it('fails if it does not exist, has no address, or its server fails', async () => {
    const { connector } = await withDns((name) =>
      name === 'empty.test' ? {} : name === 'broken.test' ? { rcode: 2 } : undefined,
    );
    for (const name of ['missing.test', 'empty.test', 'broken.test']) {
      expect([name, ...(await attempt(connector, `http://${name}/`))]).toEqual([name, 'dns_failed']);
    }
  });

  it('fails at the deadline if nobody answers, and at the limit of its own', async () => {
    const { connector } = await withDns(() => ({ silent: true }), { timeoutMs: 400 });
    const start = performance.now();
    expect(await attempt(connector, 'http://silent.test/', 100)).toEqual(['dns_timeout']);
    expect(performance.now() - start).toBeLessThan(350);
    expect(await attempt(connector, 'http://silent.test/', 5_000)).toEqual(['dns_timeout']);
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  it('does not wait long for a family that is not answered', async () => {
    const server = await listen();
    const { connector } = await withDns((_name, type) =>
      type === 'A' ? { addresses: ['127.0.0.1'] } : { silent: true },
    );
    const start = performance.now();
    expect(await attempt(connector, `http://half.test:${server.port}/`)).toEqual(['ok', '127.0.0.1']);
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  it('is not delayed by a hundred names that nobody answers', async () => {
    const server = await listen();
    const { connector } = await withDns((name) =>
      name.startsWith('dead') ? { silent: true } : { addresses: ['127.0.0.1'] },
    );
    const dead = Array.from({ length: 100 }, (_, i) => attempt(connector, `http://dead${i}.test/`, 1_500));
    const start = performance.now();
    expect((await attempt(connector, `http://alive.test:${server.port}/`))[0]).toBe('ok');
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(new Set((await Promise.all(dead)).flat())).toEqual(new Set(['dns_timeout']));
  });
});

describe('several addresses', () => {
  it('are tried in order until one answers', async () => {
    const server = await listen('127.0.0.3');
    const { connector } = await withDns((_name, type) => ({
      addresses: type === 'A' ? ['127.0.0.2', '127.0.0.3', '127.0.0.4'] : [],
    }));
    expect(await attempt(connector, `http://many.test:${server.port}/`)).toEqual(['ok', '127.0.0.3']);
  });

  it('end as refused if none answers', async () => {
    const { connector } = await withDns(() => ({ addresses: ['127.0.0.2', '127.0.0.3'] }));
    expect(await attempt(connector, 'http://none.test:1/')).toEqual(['connect_refused']);
  });
});

describe('the hosts file', () => {
  function hostsFile(text: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'hosts-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'hosts'), text);
    return join(folder, 'hosts');
  }

  it('comes before the name server, and an address that is not allowed is passed over', async () => {
    const server = await listen();
    const path = hostsFile('# comment\n::1 dev.test\n127.0.0.1\tdev.test  other.test # more\n');
    const { dns, connector } = await withDns(() => undefined, { hostsFile: path });
    expect(await attempt(connector, `http://DEV.test.:${server.port}/`)).toEqual(['ok', '127.0.0.1']);
    expect(await attempt(connector, `http://other.test:${server.port}/`)).toEqual(['ok', '127.0.0.1']);
    expect(dns.questions).toEqual([]);
  });

  it('does not open what is not allowed', async () => {
    const { connector } = await withDns(() => undefined, { hostsFile: hostsFile('10.0.0.1 dev.test\n') });
    expect(await attempt(connector, 'http://dev.test/')).toEqual(['target_not_allowed']);
  });

  it('is not needed for localhost', async () => {
    const server = await listen();
    const { dns, connector } = await withDns(() => undefined);
    expect((await attempt(connector, `http://localhost:${server.port}/`))[0]).toBe('ok');
    expect((await attempt(connector, `http://app.localhost:${server.port}/`))[0]).toBe('ok');
    expect(dns.questions).toEqual([]);
  });

  it('is read again when it changes', () => {
    const path = hostsFile('127.0.0.1 first.test\n');
    const hosts = new HostsFile(path, 0);
    expect(hosts.lookup('first.test')).toEqual(['127.0.0.1']);
    writeFileSync(path, '127.0.0.2 second.test\n');
    utimesSync(path, 1, 1);
    expect(hosts.lookup('first.test')).toBeUndefined();
    expect(hosts.lookup('second.test')).toEqual(['127.0.0.2']);
  });
});

it('gives up at the deadline when nobody answers the connection', async () => {
  // TEST-NET-1 is routed nowhere: depending on the machine it is a black hole, unreachable or refused.
  const { connector } = await withDns(() => undefined, { allow: ['192.0.2.1'] });
  const start = performance.now();
  expect((await attempt(connector, 'http://192.0.2.1/', 200))[0]).toMatch(/^connect_/);
  expect(performance.now() - start).toBeLessThan(2_000);
  expect(connector.stats().opening).toBe(0);
});
