import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Max } from 'class-validator';
import { ConfigError, describeConfig, loadConfig } from './load-config.js';
import { ServiceConfig } from './service.config.js';
import { Setting } from './setting.js';

class ExampleConfig extends ServiceConfig {
  @Setting('A number')
  @Max(10)
  mostThings: number = 3;

  @Setting('A list')
  names: string[] = [];

  @Setting('A switch')
  allowHttp: boolean = false;
}

const base = { NATS_URL: 'nats://n:4222', INTERNAL_TOKEN: 'a-token-of-more-than-16' };
const load = (environment: Record<string, string>) => loadConfig(ExampleConfig, { ...base, ...environment });

describe('loadConfig', () => {
  it('reads variables by the names of the properties, and keeps defaults', () => {
    const config = load({ MOST_THINGS: '7', NAMES: 'a, b,', ALLOW_HTTP: 'true' });
    expect(config).toMatchObject({ mostThings: 7, names: ['a', 'b'], allowHttp: true, port: 3000 });
  });

  it('treats an empty variable as not set', () => {
    expect(load({ MOST_THINGS: '' }).mostThings).toBe(3);
  });

  it('reads a secret from a file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'token');
    writeFileSync(file, 'a-token-out-of-a-file\n');
    const config = loadConfig(ExampleConfig, { NATS_URL: 'nats://n', INTERNAL_TOKEN_FILE: file });
    expect(config.internalToken).toBe('a-token-out-of-a-file');
  });

  it('names every variable that is wrong and why, at once, without secrets', () => {
    const wrong = () => load({ MOST_THINGS: 'many', PORT: 'x', INTERNAL_TOKEN: 'short-secret' });
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow(/PORT: must be a number[\s\S]*MOST_THINGS: must be a number/);
    expect(() => load({ INTERNAL_TOKEN: 'short-secret', MOST_THINGS: '11' })).toThrow(
      /MOST_THINGS: .*10[\s\S]*INTERNAL_TOKEN: must be at least 16/,
    );
    expect(() => load({ INTERNAL_TOKEN: 'short-secret' })).not.toThrow(/short-secret/);
  });

  it('refuses a secret given twice', () => {
    expect(() => load({ INTERNAL_TOKEN_FILE: '/x' })).toThrow(/either INTERNAL_TOKEN or INTERNAL_TOKEN_FILE/);
  });

  it('prints itself with secrets masked', () => {
    const lines = describeConfig(load({}));
    expect(lines).toContain('INTERNAL_TOKEN=********');
    expect(lines).toContain('MOST_THINGS=3');
  });
});
