import { describe, expect, it } from '@jest/globals';
import { type ServiceSpec, withCopies } from './services.js';

const router: ServiceSpec = {
  name: 'router',
  folder: '/apps/router',
  entry: 'dist/main.js',
  port: 4102,
  migration: 'dist/migrate.js',
};
const registry: ServiceSpec = { name: 'registry', folder: '/apps/registry', entry: 'dist/main.js' };

describe('withCopies', () => {
  it('adds processes of the same service that do not migrate and have ports of their own', () => {
    const copy = { folder: router.folder, entry: router.entry, copyOf: 'router' };
    expect(withCopies([router, registry], { router: 3 })).toEqual([
      router,
      registry,
      { ...copy, name: 'router-2' },
      { ...copy, name: 'router-3' },
    ]);
  });

  it('adds nothing without being asked', () => {
    expect(withCopies([router, registry], {})).toEqual([router, registry]);
  });
});
