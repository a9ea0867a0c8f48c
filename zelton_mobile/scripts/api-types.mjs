// Writes src/api/schema.d.ts from the backend's OpenAPI document; with --check says whether it is stale. Needs no network.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import openapiTS, { astToString } from 'openapi-typescript';
import prettier from 'prettier';

const app = join(dirname(fileURLToPath(import.meta.url)), '..');
const backend = join(app, '..');
const target = join(app, 'src/api/schema.d.ts');

const ownPython = join(backend, '.venv/bin/python');
const python = process.env.PYTHON ?? (existsSync(ownPython) ? ownPython : 'python3');
const document = JSON.parse(
  execFileSync(python, ['manage.py', 'spectacular', '--format', 'openapi-json'], {
    cwd: backend,
    env: { ...process.env, ZELTON_ENV_FILE: process.env.ZELTON_ENV_FILE ?? '.env.example' },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  }),
);

const types = astToString(await openapiTS(document, { rootTypes: true, rootTypesNoSchemaPrefix: true }));
const header = '// Written by `npm run types` from the backend’s OpenAPI document. Do not edit.\n\n';
const fresh = await prettier.format(header + types, {
  ...(await prettier.resolveConfig(target)),
  parser: 'typescript',
});

if (!process.argv.includes('--check')) {
  writeFileSync(target, fresh);
} else if (!existsSync(target) || readFileSync(target, 'utf8') !== fresh) {
  console.error('src/api/schema.d.ts is not what the backend’s schema says: run `npm run types` and commit it.');
  process.exit(1);
}
