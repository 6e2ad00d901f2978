import { isIP } from 'node:net';
import { parseAddress } from './address-ranges.js';
import { type OutboundErrorCode, TargetNotAllowedError, TargetPolicyError } from './outbound.errors.js';
import { AllowList, type TargetPolicy } from './target-policy.js';

/** Characters of an endpoint's URL; longer ones are answered 400. */
export const MAX_URL_LENGTH = 2_048;

/** Where a checked URL leads. */
export interface Target {
  url: URL;
  secure: boolean;
  /** Lower case, without brackets and trailing dot. */
  host: string;
  port: number;
  /** Whether `host` is an address and not a name. */
  isAddress: boolean;
}

const LOOPBACK_NAME = /^(.+\.)?(localhost|localdomain)$/;
const LOCAL_NAME = /^(.+\.)?(local|internal|home\.arpa)$/;
const LABEL = /^[a-z0-9_-]{1,63}$/;

/** Decides which URLs and addresses may be reached. Denies whatever is not public or not known, unless the policy allows it. */
export class TargetGuard {
  private readonly allowList: AllowList;
  private readonly allowHttp: boolean;
  private readonly ports: ReadonlySet<number> | undefined;

  /** @throws TargetPolicyError if the policy has an entry or port that cannot be read. */
  constructor(policy: TargetPolicy) {
    this.allowHttp = policy.allowHttp;
    this.allowList = new AllowList(policy.allow);
    this.ports = policy.ports === undefined ? undefined : new Set(policy.ports.map(checkedPort));
  }

  /**
   * Checks a URL when it is saved, without any look-up; at most 2,048 characters.
   * @throws TargetNotAllowedError with a `url_*` code or `target_not_allowed`.
   */
  checkUrl(text: string): URL {
    return this.target(text).url;
  }

  /** Like {@link checkUrl}, with the parts that a connection needs. */
  target(text: string): Target {
    const url = parseUrl(text, this.allowHttp);
    const host = bareHost(url);
    const secure = url.protocol === 'https:';
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
    const isAddress = isIP(host) !== 0;
    if (!isAddress && !isHostName(host)) throw refusal('url_host', `host "${host}"`);
    this.checkPort(host, port);
    if (isAddress) this.checkAddresses(host, port, [host]);
    else this.checkName(host, port);
    return { url, secure, host, port, isAddress };
  }

  /**
   * Checks every address that a name resolved to; one that is refused refuses the name.
   * @throws TargetNotAllowedError with code `target_not_allowed`.
   */
  checkAddresses(host: string, port: number, addresses: readonly string[]): void {
    for (const address of addresses) {
      const reason = this.whyRefused(host, port, address);
      if (reason !== undefined) throw refusal('target_not_allowed', `${host} is ${address} (${reason})`);
    }
  }

  /** Why connecting to `address` is refused, for the operator's log; undefined if it is allowed. */
  whyRefused(host: string, port: number, address: string): string | undefined {
    const bytes = parseAddress(address);
    if (bytes === undefined) return 'not a plain address';
    return this.allowList.whyRefused(bytes, port, this.allowList.hasName(host, port));
  }

  private checkPort(host: string, port: number): void {
    if (port === 0) throw refusal('url_port', 'port 0');
    if (this.ports === undefined || this.ports.has(port) || this.allowList.hasName(host, port)) return;
    const address = parseAddress(host);
    if (address !== undefined && this.allowList.hasAddress(address, port)) return;
    throw refusal('url_port', `port ${port}`);
  }

  private checkName(host: string, port: number): void {
    const loopback = LOOPBACK_NAME.test(host);
    if (!loopback && !LOCAL_NAME.test(host) && host.includes('.')) return;
    if (this.allowList.hasName(host, port) || this.allowList.reachesLocalNames(loopback)) return;
    throw refusal('target_not_allowed', `local name ${host}`);
  }
}

function parseUrl(text: string, allowHttp: boolean): URL {
  if (typeof text !== 'string' || text === '') throw refusal('url_invalid');
  if (text.length > MAX_URL_LENGTH) throw refusal('url_length');
  // The WHATWG parser would silently drop or repair these.
  if (/[\u0000-\u0020\u007f\\]/.test(text)) throw refusal('url_invalid');
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) throw refusal('url_invalid');
  if (scheme !== 'https' && !(scheme === 'http' && allowHttp)) throw refusal('url_scheme', scheme);
  const authority = /^[a-z]+:\/\/([^/?#]*)/i.exec(text)?.[1];
  if (authority === undefined) throw refusal('url_invalid');
  if (authority.includes('@')) throw refusal('url_credentials');
  if (authority === '' || authority.startsWith(':')) throw refusal('url_host');
  return constructUrl(text);
}

function constructUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refusal('url_invalid');
  }
  if (url.username !== '' || url.password !== '') throw refusal('url_credentials');
  if (url.href.length > MAX_URL_LENGTH) throw refusal('url_length');
  return url;
}

function bareHost(url: URL): string {
  const host = url.hostname;
  if (host.startsWith('[')) return host.slice(1, -1);
  return host.endsWith('.') ? host.slice(0, -1) : host;
}

function isHostName(host: string): boolean {
  return host.length <= 253 && host.split('.').every((label) => LABEL.test(label));
}

function refusal(code: OutboundErrorCode, detail?: string): TargetNotAllowedError {
  return new TargetNotAllowedError(code, detail);
}

function checkedPort(port: number): number {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new TargetPolicyError(`${port} is not a port`);
  return port;
}
