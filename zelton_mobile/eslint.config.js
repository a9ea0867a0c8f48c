const expo = require('eslint-config-expo/flat');
const tseslint = require('typescript-eslint');

const HTTP = 'src/services/api/ is the one place that talks HTTP.';

module.exports = [
  { ignores: ['dist/', 'node_modules/', '.expo/', 'src/api/schema.d.ts', 'expo-env.d.ts', 'android/', 'ios/'] },
  ...expo,
  ...tseslint.configs.strict.map((config) => ({ ...config, files: ['**/*.ts', '**/*.tsx'] })),
  {
    files: ['**/*.ts', '**/*.tsx'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    ignores: ['src/services/api/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource'].map((name) => ({ name, message: HTTP })),
      ],
      'no-restricted-properties': [
        'error',
        ...['globalThis', 'window', 'global'].map((object) => ({ object, property: 'fetch', message: HTTP })),
      ],
      'no-restricted-imports': [
        'error',
        { paths: ['axios', 'openapi-fetch', 'expo/fetch'].map((name) => ({ name, message: HTTP })) },
      ],
    },
  },
];
