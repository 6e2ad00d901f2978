import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { localDir } from '../local-dir.js';
import { withLock } from '../process/lock.js';
import { natsServerFromDebian } from './apt-download.js';
import { natsRelease, natsServerFromRelease } from './release-download.js';

const run = promisify(execFile);

/** Older ones lose messages of work-queue streams after a kill -9. */
export const OLDEST_NATS_SERVER = '2.10.27';

/** One way to get a binary into an empty folder. */
export type NatsSource = (dir: string) => Promise<string>;

/**
 * The path of a nats-server that is new enough: KIRISAN_NATS_SERVER, else one from the PATH, else the one in
 * `cacheDir` (`.local/bin`), which is downloaded at first use. Callers at the same time download once.
 */
export async function ensureNatsServer({
  cacheDir = join(localDir(), 'bin'),
  sources = defaultSources(),
  path = process.env.PATH ?? '',
}: { cacheDir?: string; sources?: NatsSource[]; path?: string } = {}): Promise<string> {
  const named = process.env.KIRISAN_NATS_SERVER;
  if (named) return demand(named);
  for (const dir of path.split(delimiter)) {
    const candidate = join(dir, 'nats-server');
    if (dir && existsSync(candidate) && (await newEnough(candidate))) return candidate;
  }
  const cached = resolve(cacheDir, 'nats-server');
  if (await newEnough(cached)) return cached;
  mkdirSync(cacheDir, { recursive: true });
  return withLock(`${cached}.lock`, async () =>
    (await newEnough(cached)) ? cached : fetchInto(cached, sources),
  );
}

async function demand(named: string): Promise<string> {
  if (await newEnough(named)) return named;
  throw new Error(`KIRISAN_NATS_SERVER=${named} is not a nats-server ${OLDEST_NATS_SERVER} or newer`);
}

async function fetchInto(cached: string, sources: NatsSource[]): Promise<string> {
  const reasons: string[] = [];
  for (const source of sources) {
    const dir = mkdtempSync(`${cached}.new-`);
    try {
      const binary = await source(dir);
      if (!(await newEnough(binary))) throw new Error(`${binary} is older than ${OLDEST_NATS_SERVER}`);
      copyFileSync(binary, join(dir, 'ready'));
      chmodSync(join(dir, 'ready'), 0o755);
      renameSync(join(dir, 'ready'), cached);
      return cached;
    } catch (error) {
      reasons.push(`- ${describe(error)}`);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  throw new Error(
    `No nats-server ${OLDEST_NATS_SERVER} or newer. Install one, or name it in KIRISAN_NATS_SERVER.\n${reasons.join('\n')}`,
  );
}

function defaultSources(): NatsSource[] {
  const release = natsRelease(`${process.platform}-${process.arch}`);
  return [
    ...(release ? [(dir: string) => natsServerFromRelease(dir, release)] : []),
    (dir) => natsServerFromDebian(dir),
  ];
}

/** Whether the file is a nats-server that runs here and is not too old. */
async function newEnough(binary: string): Promise<boolean> {
  try {
    const { stdout } = await run(binary, ['--version']);
    const version = /v?(\d+)\.(\d+)\.(\d+)/.exec(stdout)?.slice(1).map(Number);
    const oldest = OLDEST_NATS_SERVER.split('.').map(Number);
    return version !== undefined && compare(version, oldest) >= 0;
  } catch {
    return false;
  }
}

function compare(left: number[], right: number[]): number {
  const differing = left.findIndex((part, index) => part !== right[index]);
  return differing < 0 ? 0 : (left[differing] ?? 0) - (right[differing] ?? 0);
}

function describe(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
