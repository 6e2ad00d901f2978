import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { callIngestor, Sink, StackClient } from '@kirisan/e2e';
import { discoverServices, type RunningStack, startStack, temporaryDir, waitFor } from '@kirisan/local-stack';

// Real: a checkout to which nothing but the generated folder is added; its services as processes.
const repository = resolve(import.meta.dirname, '..', '..', '..');
const checkout = temporaryDir('new-channel');
const sink = new Sink();
let running: RunningStack;

const node = (...args: string[]) =>
  execFileSync(process.execPath, args, { cwd: checkout, encoding: 'utf8', stdio: 'pipe' });

/** Apps and libraries with their builds; dependencies stay where they are. */
function copyRepository(): void {
  const files = ['apps', 'libs', 'tools', 'package.json', 'tsconfig.base.json', 'jest.config.mjs'];
  const filter = (path: string) => !/\/(node_modules|\.bench-dist)(\/|$)/.test(path.slice(repository.length));
  for (const file of files) cpSync(join(repository, file), join(checkout, file), { recursive: true, filter });
  const modules = join(checkout, 'node_modules');
  mkdirSync(join(modules, '@kirisan'), { recursive: true });
  for (const name of readdirSync(join(repository, 'node_modules'))) {
    if (name !== '@kirisan') symlinkSync(join(repository, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(checkout, 'libs'))) {
    symlinkSync(join('..', '..', 'libs', name), join(modules, '@kirisan', name));
  }
}

beforeAll(async () => {
  copyRepository();
  node('tools/new-channel/new-channel.mjs', 'pigeon', 'acme');
  node('node_modules/typescript/bin/tsc', '-b', 'apps/ingestor-pigeon');
  await sink.start();
  const services = discoverServices(checkout).filter(({ name }) => !/^ingestor-(?!pigeon)/.test(name));
  running = await startStack({
    dir: join(checkout, '.local'),
    ports: 'free',
    durable: false,
    services,
    env: { LOG_LEVEL: 'warn' },
  });
}, 180_000);

afterAll(async () => {
  await running?.stop();
  await sink.stop();
  rmSync(checkout, { recursive: true, force: true });
}, 60_000);

describe('a new channel', () => {
  it('takes part with nothing edited outside its folder', async () => {
    const client = new StackClient(running);
    const { body } = await client.registry<{ items: { name: string }[] }>('GET', '/channels');
    expect(body.items.map(({ name }) => name)).toEqual(['pigeon']);
    const device = await client.create<{ id: string; token: string; ingestUrl: string }>('/devices', {
      channel: 'pigeon',
      name: 'Loft',
      inboundMode: 'webhook',
      credentials: { token: 'coo' },
    });
    const endpoint = await client.create<{ id: string }>('/endpoints', {
      name: 'CRM',
      url: sink.url('/'),
      events: ['incoming_message'],
      deviceIds: [device.id],
    });
    const test = { event: 'incoming_message', deviceId: device.id };
    expect((await client.registry('POST', `/endpoints/${endpoint.id}/test`, test)).body).toMatchObject({
      status: 'success',
    });

    const message = { body: JSON.stringify({ id: '1', from: 'u7', text: 'coo coo' }) };
    const headers = { 'content-type': 'application/json' };
    expect(
      await callIngestor(device.ingestUrl, { ...message, headers: { ...headers, 'x-acme-token': 'no' } }),
    ).toBe(403);
    const arrived = () => sink.arrivals.find(({ text }) => text.includes('coo coo'));
    await waitFor(
      async () => {
        await callIngestor(device.ingestUrl, { ...message, headers: { ...headers, 'x-acme-token': 'coo' } });
        return arrived();
      },
      { what: 'the POST', timeoutMs: 10_000, intervalMs: 500 },
    );
    expect(JSON.parse(arrived()!.text)).toMatchObject({
      channel: 'pigeon',
      device: device.token,
      sender: { sender: 'u7' },
    });
  });

  it('passes the conformance suite that it brings along', () => {
    const output = execFileSync(
      process.execPath,
      ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', 'apps/ingestor-pigeon', '--json'],
      { cwd: checkout, encoding: 'utf8', stdio: 'pipe' },
    );
    const { numPassedTests, numFailedTests } = JSON.parse(output) as Record<string, number>;
    expect(numFailedTests).toBe(0);
    expect(numPassedTests).toBeGreaterThan(5);
  }, 120_000);

  it('is refused under a name that is taken or none', () => {
    const make = (name: string) => () => node('tools/new-channel/new-channel.mjs', name);
    expect(make('pigeon')).toThrow(/there already/);
    expect(make('../x')).toThrow(/lower-case letters/);
    expect(existsSync(join(dirname(checkout), 'x'))).toBe(false);
  });
});
