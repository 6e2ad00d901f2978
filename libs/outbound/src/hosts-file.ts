import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';

/** The operator's own names (`/etc/hosts`), read again when the file changes; at most one look at the file every 5 s. */
export class HostsFile {
  private names = new Map<string, string[]>();
  private version = '';
  private nextCheck = 0;

  constructor(
    private readonly path = '/etc/hosts',
    private readonly recheckMs = 5_000,
  ) {}

  /** Addresses of `name` (lower case, no trailing dot); `localhost` always has some (RFC 6761). Undefined if not listed. */
  lookup(name: string): readonly string[] | undefined {
    this.refresh();
    return this.names.get(name) ?? (/^(.+\.)?localhost$/.test(name) ? ['127.0.0.1', '::1'] : undefined);
  }

  private refresh(): void {
    const now = performance.now();
    if (now < this.nextCheck) return;
    this.nextCheck = now + this.recheckMs;
    try {
      const { mtimeMs, size, ino } = statSync(this.path);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version === this.version) return;
      this.names = parseHosts(readFileSync(this.path, 'utf8'));
      this.version = version;
    } catch {
      this.names = new Map();
      this.version = '';
    }
  }
}

function parseHosts(text: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const alias of aliases) {
      const name = alias.toLowerCase().replace(/\.$/, '');
      names.set(name, [...(names.get(name) ?? []), address]);
    }
  }
  return names;
}
