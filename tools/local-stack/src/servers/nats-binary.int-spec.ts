import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDir } from '../testing/temporary-dir.js';
import { ensureNatsServer, type NatsSource } from './nats-binary.js';
import { natsServerFromRelease } from './release-download.js';

function fakeBinary(file: string, version: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  chmodSync(file, 0o755);
  return file;
}

describe('ensureNatsServer', () => {
  let dir: string;
  let cacheDir: string;
  let downloads: number;
  const sourceOf =
    (version: string): NatsSource =>
    async (into) => {
      downloads++;
      return fakeBinary(join(into, 'x'), version);
    };

  beforeEach(() => {
    dir = temporaryDir('binary');
    cacheDir = join(dir, 'cache');
    downloads = 0;
  });

  it('takes one from the PATH if it is new enough', async () => {
    const good = fakeBinary(join(dir, 'new', 'nats-server'), '2.10.27');
    fakeBinary(join(dir, 'old', 'nats-server'), '2.10.26');
    const path = `${join(dir, 'old')}:${join(dir, 'new')}`;
    await expect(ensureNatsServer({ cacheDir, path, sources: [] })).resolves.toBe(good);
  });

  it('downloads once for callers at the same time, and leaves only the binary', async () => {
    const ask = () => ensureNatsServer({ cacheDir, path: '', sources: [sourceOf('2.11.0')] });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(new Set([...answers, await ask()])).toEqual(new Set([join(cacheDir, 'nats-server')]));
    expect(downloads).toBe(1);
    expect(readdirSync(cacheDir)).toEqual(['nats-server']);
  });

  it('goes on to the next source when one fails or gives an old one', async () => {
    const failing: NatsSource = () => Promise.reject(new Error('offline'));
    const sources = [failing, sourceOf('2.9.10'), sourceOf('2.12.0')];
    const binary = await ensureNatsServer({ cacheDir, path: '', sources });
    expect(execFileSync(binary, { encoding: 'utf8' })).toContain('2.12.0');
  });

  it('says why each source failed', async () => {
    const failing: NatsSource = () => Promise.reject(new Error('offline'));
    await expect(ensureNatsServer({ cacheDir, path: '', sources: [failing] })).rejects.toThrow(
      /KIRISAN_NATS_SERVER[^]*- offline/,
    );
  });
});

describe('natsServerFromRelease', () => {
  let server: Server;
  let url: string;
  let sha256: string;

  beforeAll(async () => {
    const dir = temporaryDir('release');
    fakeBinary(join(dir, 'folder', 'nats-server'), '2.12.7');
    execFileSync('tar', ['-czf', 'a.tar.gz', 'folder'], { cwd: dir });
    const archive = readFileSync(join(dir, 'a.tar.gz'));
    sha256 = createHash('sha256').update(archive).digest('hex');
    server = createServer((_request, response) => void response.end(archive)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.tar.gz`;
  });
  afterAll(() => void server.close());

  it('unpacks an archive that is the pinned one', async () => {
    const dir = temporaryDir('release');
    const binary = await natsServerFromRelease(dir, { url, sha256, folder: 'folder' });
    expect(execFileSync(binary, { encoding: 'utf8' })).toContain('2.12.7');
  });

  it('refuses any other', async () => {
    const dir = temporaryDir('release');
    const other = {
      url,
      sha256: sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
      folder: 'folder',
    };
    await expect(natsServerFromRelease(dir, other)).rejects.toThrow(/another checksum/);
    expect(readdirSync(dir)).toEqual([]);
  });
});
