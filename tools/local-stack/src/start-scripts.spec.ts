import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';

type Packages = Record<string, { version?: string; optional?: boolean; link?: boolean }>;

let holdsAll: (wanted: Packages, installed: Packages) => boolean;
let demandNode: (version: string) => void;

beforeAll(async () => {
  const scripts = join(import.meta.dirname, '..', 'start');
  ({ holdsAll } = (await import(join(scripts, 'install.mjs'))) as { holdsAll: typeof holdsAll });
  ({ demandNode } = (await import(join(scripts, 'node-version.mjs'))) as { demandNode: typeof demandNode });
});

describe('whether npm ci is needed', () => {
  const wanted: Packages = {
    '': {},
    'apps/registry': { version: '0.1.0' },
    'node_modules/@kirisan/registry': { link: true },
    'node_modules/pg': { version: '8.0.0' },
    'node_modules/darwin-only': { version: '1.0.0', optional: true },
  };
  const installed: Packages = {
    'node_modules/@kirisan/registry': { link: true },
    'node_modules/pg': { version: '8.0.0' },
  };

  it('is not for what is all there, without the packages of other platforms', () => {
    expect(holdsAll(wanted, installed)).toBe(true);
  });

  it('is for a package that is missing or another version', () => {
    expect(holdsAll({ ...wanted, 'node_modules/new': { version: '1.0.0' } }, installed)).toBe(false);
    expect(holdsAll({ ...wanted, 'node_modules/pg': { version: '8.0.1' } }, installed)).toBe(false);
  });
});

describe('the version of Node', () => {
  it.each(['20.20.2', '22.0.0', '24.9.1'])('%s will do', (version) => {
    expect(() => demandNode(version)).not.toThrow();
  });

  it.each(['18.20.0', '20.19.5', '25.0.0'])('%s is refused with what is wanted', (version) => {
    expect(() => demandNode(version)).toThrow(`This needs Node.js >=20.20 <25, and this is ${version}.`);
  });
});
