/** Rules inside apps and libs that Nx tags can not say. */
module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-app-reaches-another',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libs-only-through-their-door',
      comment: 'Another library or app imports src/index.ts (or src/testing) and nothing behind it.',
      severity: 'error',
      from: { path: '^(apps|libs|tools)/([^/]+)/' },
      to: {
        path: '^libs/([^/]+)/src/',
        pathNot: ['^libs/[^/]+/src/(index|testing/index)\\.ts$', '^libs/$2/'],
      },
    },
    {
      name: 'only-outbound-opens-sockets-to-strangers',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['^libs/outbound/', 'spec\\.ts$', '/testing/'] },
      to: { path: '^(undici|node:net|node:tls|net|tls)$' },
    },
    {
      name: 'postgres-only-behind-repositories',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: [
          '(repository|entity|migrations?|module|storage|database|data-source)',
          'spec\\.ts$',
          '/testing/',
          '/migrate\\.ts$',
        ],
      },
      to: { path: '(^|node_modules/)(pg|typeorm)(/|$)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-tests-in-production-code',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['spec\\.ts$', '/testing/'] },
      to: { path: ['spec\\.ts$', '/testing/', '@jest/globals'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'dist'] },
    exclude: { path: ['dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
