import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION = '2.12.7';

/**
 * SHA-256 of the official archives, as pinned by the official image:
 * https://github.com/nats-io/nats-docker/blob/030935a2771a1de30456f3c5b16c1366e37e6448/2.12.x/alpine3.22/Dockerfile
 */
const ARCHIVES: Record<string, { suffix: string; sha256: string }> = {
  'linux-x64': {
    suffix: 'linux-amd64',
    sha256: '570d2d627db111e679cc1e6bc57ba78f373ed1769acd8dc9c21c8f62d15b3c52',
  },
  'linux-arm64': {
    suffix: 'linux-arm64',
    sha256: '3b9a79986778285c0e5acaba0b1218b72f6159db68fe5b8916a7d846240f9f22',
  },
};

/** Where the archive comes from and what it must be. */
export interface Release {
  url: string;
  sha256: string;
  /** The folder in the archive that holds the binary. */
  folder: string;
}

/** The official release for a platform; undefined for one without a pinned checksum. */
export function natsRelease(platform: string): Release | undefined {
  const archive = ARCHIVES[platform];
  if (!archive) return undefined;
  const folder = `nats-server-v${VERSION}-${archive.suffix}`;
  const url = `https://github.com/nats-io/nats-server/releases/download/v${VERSION}/${folder}.tar.gz`;
  return { url, sha256: archive.sha256, folder };
}

/** Downloads a release into `dir` and returns the path of its binary; rejects unless the checksum is the pinned one. */
export async function natsServerFromRelease(dir: string, release: Release): Promise<string> {
  const answer = await fetch(release.url, { signal: connectDeadline() });
  if (!answer.ok) throw new Error(`${release.url} answered ${answer.status}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== release.sha256)
    throw new Error(`${release.url} has another checksum than the pinned one: ${sha256}`);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'archive.tar.gz'), bytes);
  await run('tar', ['-xzf', 'archive.tar.gz'], { cwd: dir });
  return join(dir, release.folder, 'nats-server');
}

/** The whole download may take a while on a slow line; a machine without a way there fails at once or within this. */
function connectDeadline(): AbortSignal {
  return AbortSignal.timeout(30_000);
}
