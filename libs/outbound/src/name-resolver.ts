import { Resolver } from 'node:dns/promises';
import { HostsFile } from './hosts-file.js';
import { describeError, OutboundError } from './outbound.errors.js';

export interface NameResolverOptions {
  /** Name servers as `address` or `address:port`; those of the system if left out. */
  servers?: readonly string[];
  /** Default `/etc/hosts`. */
  hostsFile?: string;
  /** Longest time for one look-up, ms. Default 5,000. */
  timeoutMs?: number;
  /** Longest time an answer is kept, ms; a shorter TTL counts. Default 10,000. */
  cacheMs?: number;
  /** How long a failure is kept, ms. Default 1,000. */
  failureCacheMs?: number;
  /** Most names kept. Default 5,000. */
  cacheSize?: number;
}

/** The addresses of a name. */
export interface ResolvedName {
  addresses: readonly string[];
  /** From the hosts file, so written by the operator and not by a stranger. */
  local: boolean;
}

interface CacheEntry {
  answer: Promise<ResolvedName>;
  /** `performance.now()` after which it is not used; infinite while the look-up runs. */
  expiresAt: number;
}

/** After one family has answered, the other has this long. */
const OTHER_FAMILY_GRACE_MS = 500;

/**
 * Looks names up without `dns.lookup`, whose four threads a few dead names can block for the whole process. Hosts file
 * first, then A and AAAA; no search domains. Concurrent look-ups of a name are one.
 */
export class NameResolver {
  private readonly resolver: Resolver;
  private readonly hosts: HostsFile;
  private readonly cache = new Map<string, CacheEntry>();
  private readonly timeoutMs: number;
  private readonly cacheMs: number;
  private readonly failureCacheMs: number;
  private readonly cacheSize: number;

  constructor(options: NameResolverOptions = {}) {
    this.timeoutMs = options.timeoutMs ?? 5_000;
    this.cacheMs = options.cacheMs ?? 10_000;
    this.failureCacheMs = options.failureCacheMs ?? 1_000;
    this.cacheSize = options.cacheSize ?? 5_000;
    this.hosts = new HostsFile(options.hostsFile);
    this.resolver = new Resolver({ timeout: Math.min(2_000, this.timeoutMs), tries: 3 });
    if (options.servers !== undefined) this.resolver.setServers([...options.servers]);
  }

  /** Names in the cache. */
  get size(): number {
    return this.cache.size;
  }

  /**
   * Addresses of `name`, IPv4 first, at least one.
   * @throws OutboundError `dns_failed` or `dns_timeout`; the latter at `deadline` (`performance.now()`) at the latest.
   */
  async resolve(name: string, deadline: number): Promise<ResolvedName> {
    const listed = this.hosts.lookup(name);
    if (listed !== undefined) return { addresses: listed, local: true };
    return withDeadline(this.shared(name), deadline - performance.now(), name);
  }

  /** Gives up whatever is under way. */
  close(): void {
    this.resolver.cancel();
    this.cache.clear();
  }

  private shared(name: string): Promise<ResolvedName> {
    const known = this.cache.get(name);
    if (known !== undefined && performance.now() < known.expiresAt) return known.answer;
    const entry: CacheEntry = {
      answer: this.query(name, (ms) => this.expire(name, entry, ms)),
      expiresAt: Infinity,
    };
    entry.answer.catch(() => this.expire(name, entry, this.failureCacheMs));
    this.cache.delete(name);
    if (this.cache.size >= this.cacheSize) this.cache.delete(this.cache.keys().next().value!);
    this.cache.set(name, entry);
    return entry.answer;
  }

  private expire(name: string, entry: CacheEntry, lifetimeMs: number): void {
    entry.expiresAt = performance.now() + lifetimeMs;
    if (lifetimeMs <= 0 && this.cache.get(name) === entry) this.cache.delete(name);
  }

  private async query(name: string, keepFor: (ms: number) => void): Promise<ResolvedName> {
    const answers = await this.bothFamilies(name);
    if (answers.length === 0) throw new OutboundError('dns_failed', `${name} has no address`);
    keepFor(Math.min(this.cacheMs, Math.min(...answers.map((answer) => answer.ttl)) * 1_000));
    return { addresses: answers.map((answer) => answer.address), local: false };
  }

  private async bothFamilies(name: string): Promise<{ address: string; ttl: number }[]> {
    const families = [
      this.resolver.resolve4(name, { ttl: true }).catch(emptyIfAbsent),
      this.resolver.resolve6(name, { ttl: true }).catch(emptyIfAbsent),
    ];
    const all = Promise.allSettled(families);
    const timer = new Deadline(this.timeoutMs);
    try {
      const first = await Promise.race([
        Promise.any(families.map(nonEmpty)).catch(() => undefined),
        timer.over,
      ]);
      if (first !== undefined && first !== TIME_IS_OVER) timer.shorten(OTHER_FAMILY_GRACE_MS);
      const settled = await Promise.race([all, timer.over]);
      if (settled === TIME_IS_OVER) {
        if (first === undefined || first === TIME_IS_OVER) throw new OutboundError('dns_timeout', name);
        return first;
      }
      return merged(settled, name);
    } finally {
      timer.clear();
    }
  }
}

type Records = { address: string; ttl: number }[];

function merged(settled: PromiseSettledResult<Records>[], name: string): Records {
  const records = settled.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  const failure = settled.find((result) => result.status === 'rejected');
  if (records.length > 0 || failure === undefined) return records;
  const timedOut = (failure.reason as NodeJS.ErrnoException).code === 'ETIMEOUT';
  throw new OutboundError(
    timedOut ? 'dns_timeout' : 'dns_failed',
    `${name}: ${describeError(failure.reason)}`,
  );
}

function emptyIfAbsent(error: NodeJS.ErrnoException): Records {
  if (error.code === 'ENODATA' || error.code === 'ENOTFOUND') return [];
  throw error;
}

async function nonEmpty(family: Promise<Records>): Promise<Records> {
  const records = await family;
  if (records.length === 0) throw new Error('no record');
  return records;
}

const TIME_IS_OVER = Symbol('time is over');

class Deadline {
  readonly over: Promise<typeof TIME_IS_OVER>;
  private end!: (value: typeof TIME_IS_OVER) => void;
  private timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.over = new Promise((resolve) => (this.end = resolve));
    this.timer = setTimeout(this.end, ms, TIME_IS_OVER);
  }

  shorten(ms: number): void {
    this.clear();
    this.timer = setTimeout(this.end, ms, TIME_IS_OVER);
  }

  clear(): void {
    clearTimeout(this.timer);
  }
}

async function withDeadline(answer: Promise<ResolvedName>, ms: number, name: string): Promise<ResolvedName> {
  const deadline = new Deadline(Math.max(0, ms));
  try {
    const result = await Promise.race([answer, deadline.over]);
    if (result === TIME_IS_OVER) throw new OutboundError('dns_timeout', name);
    return result;
  } finally {
    deadline.clear();
  }
}
