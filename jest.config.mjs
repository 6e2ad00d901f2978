// One configuration for every size of test; the npm scripts choose by file name.
export default {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  moduleNameMapper: {
    // Tests run on the sources of the libs, so no build is needed before them.
    '^@kirisan/e2e$': '<rootDir>/tools/e2e/src/index.ts',
    '^@kirisan/local-stack$': '<rootDir>/tools/local-stack/src/index.ts',
    '^@kirisan/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^@kirisan/([a-z-]+)/testing$': '<rootDir>/libs/$1/src/testing/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  globalSetup: '<rootDir>/tools/local-stack/jest-global-setup.mjs',
  globalTeardown: '<rootDir>/tools/local-stack/jest-global-teardown.mjs',
  testMatch: ['**/*.spec.ts', '**/*.int-spec.ts'],
  modulePathIgnorePatterns: ['/dist/', '/.local/'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  watchman: false,
  testTimeout: 20_000,
};
