import 'reflect-metadata';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describeApi } from './http/describe-api.js';

/** Writes the reference that is checked in. */
const target = process.argv[2];
if (!target) throw new Error('name the file to write, such as docs/reference/registry.openapi.json');
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, `${JSON.stringify(await describeApi(), null, 2)}\n`);
