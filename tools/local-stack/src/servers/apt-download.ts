import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SUITES = ['sid', 'trixie'];
const FILE_IN_PACKAGE = join('usr', 'sbin', 'nats-server');

/**
 * Fetches Debian's nats-server package of a newer suite from the system's own mirror and unpacks it in `dir`:
 * with lists of its own, without root, nothing is installed. apt checks the archive's signature.
 */
export async function natsServerFromDebian(dir: string, etc = '/etc/apt'): Promise<string> {
  const mirror = debianMirror(etc);
  let last: unknown;
  for (const suite of SUITES) {
    try {
      return await fromSuite(join(dir, suite), mirror, suite);
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`Debian's archive at ${mirror.uri} gave no nats-server: ${message(last)}`, { cause: last });
}

interface Mirror {
  uri: string;
  signedBy?: string;
}

async function fromSuite(dir: string, mirror: Mirror, suite: string): Promise<string> {
  const lists = join(dir, 'lists');
  const archives = join(dir, 'archives');
  for (const folder of [lists, archives]) mkdirSync(join(folder, 'partial'), { recursive: true });
  const sources = join(dir, 'sources.list');
  const options = mirror.signedBy ? `[signed-by=${mirror.signedBy}] ` : '';
  writeFileSync(sources, `deb ${options}${mirror.uri} ${suite} main\n`);
  const settings = aptSettings(sources, lists, archives);
  await run('apt-get', [...settings, 'update'], { cwd: dir });
  await run('apt-get', [...settings, 'download', 'nats-server'], { cwd: dir });
  const deb = readdirSync(dir).find((name) => name.endsWith('.deb'));
  if (!deb) throw new Error('apt-get downloaded nothing');
  await run('dpkg', ['-x', join(dir, deb), join(dir, 'x')]);
  return join(dir, 'x', FILE_IN_PACKAGE);
}

function aptSettings(sources: string, lists: string, archives: string): string[] {
  const settings = [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::lists=${lists}`,
    `Dir::Cache::archives=${archives}`,
    `Dir::Cache::pkgcache=`,
    `Dir::Cache::srcpkgcache=`,
    'Acquire::Languages=none',
    'Acquire::PDiffs=false',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=20',
    // The account _apt could not write below a 0700 home.
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ];
  return ['-q', ...settings.flatMap((setting) => ['-o', setting])];
}

/** The first Debian mirror that the system's own sources name. */
export function debianMirror(etc: string): Mirror {
  const parts = join(etc, 'sources.list.d');
  const names = existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [];
  const files = [...names, join(etc, 'sources.list')].filter((file) => existsSync(file));
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const mirror = file.endsWith('.sources')
      ? fromDeb822(text)
      : file.endsWith('.list')
        ? fromOneLine(text)
        : undefined;
    if (mirror) return mirror;
  }
  throw new Error(`${etc} names no Debian mirror`);
}

function fromDeb822(text: string): Mirror | undefined {
  const field = (stanza: string, name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'im').exec(stanza)?.[1];
  for (const stanza of text.split(/\n\s*\n/)) {
    const uri = field(stanza, 'URIs');
    const signedBy = field(stanza, 'Signed-By');
    if (uri && isDebian(uri)) return { uri, signedBy: signedBy?.startsWith('/') ? signedBy : undefined };
  }
  return undefined;
}

function fromOneLine(text: string): Mirror | undefined {
  for (const line of text.split('\n')) {
    const [, options, uri] = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+\S+/.exec(line) ?? [];
    if (uri && isDebian(uri)) return { uri, signedBy: /signed-by=(\/[^\s,]+)/.exec(options ?? '')?.[1] };
  }
  return undefined;
}

/** The main archive, not its security or a third party's. */
function isDebian(uri: string): boolean {
  return /\/debian\/?$/.test(uri);
}

function message(error: unknown): string {
  const { stderr } = error as { stderr?: string };
  return (stderr || String(error)).trim().split('\n').slice(-3).join(' ');
}
