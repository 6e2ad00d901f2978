import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Bottom first: a library may import only from the lines above its own. */
const storeys = ['contracts', 'service', 'messaging', 'outbound', 'directory', 'log-client', 'channel-kit'];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.local/**', '.nx/**', 'test-results/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  { plugins: { '@nx': nx } },
  { files: ['**/*.cjs'], languageOptions: { globals: { module: 'writable' } } },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        fetch: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        performance: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  {
    files: ['**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-control-regex': 'off',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only *.config.ts reads the environment.' },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          allow: [],
          depConstraints: [
            ...storeys.map((name, index) => ({
              sourceTag: `lib:${name}`,
              onlyDependOnLibsWithTags: storeys.slice(0, index).map((below) => `lib:${below}`),
            })),
            { sourceTag: 'kind:app', onlyDependOnLibsWithTags: ['kind:lib'] },
            { sourceTag: 'kind:tool', onlyDependOnLibsWithTags: ['kind:lib', 'kind:tool'] },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.config.ts', '**/config.ts', 'libs/service/src/config/**', '**/*spec.ts', 'tools/**'],
    rules: { 'no-restricted-properties': 'off', 'no-console': 'off' },
  },
  {
    // Tests stand outside the storeys: they bring up real servers.
    files: ['**/*spec.ts', '**/testing/**'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
);
