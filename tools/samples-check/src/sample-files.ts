import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Expectation } from './expectation.js';

/** A recorded request of a provider, and what must become of it. */
export interface Sample {
  /** `<provider>/<file>.json` */
  name: string;
  provider: string;
  contentType: string;
  headers: Record<string, string>;
  /** Data, or a string that is sent as it is. */
  body: unknown;
  /** Sent byte for byte instead of `body`. */
  rawBody?: string;
  /** Secret that the recorded signature was made with. */
  secret?: string;
  expected: Expectation;
}

/** Reads every sample of the folder; throws for one without an expectation, and the other way round. */
export function readSamples(folder: string): Sample[] {
  const expected = readJson(join(folder, 'expected.json')) as Record<string, Expectation>;
  const names = readdirSync(folder)
    .filter((entry) => statSync(join(folder, entry)).isDirectory())
    .flatMap((provider) => readdirSync(join(folder, provider)).map((file) => `${provider}/${file}`))
    .filter((name) => name.endsWith('.json'));
  const missing = Object.keys(expected).filter((name) => !name.startsWith('_') && !names.includes(name));
  if (missing.length > 0)
    throw new Error(`expected.json names files that are not there: ${missing.join(', ')}`);
  return names.map((name) => readSample(folder, name, expected[name]));
}

function readSample(folder: string, name: string, expected: Expectation | undefined): Sample {
  if (!expected) throw new Error(`${name} has no entry in expected.json`);
  const file = readJson(join(folder, name)) as Record<string, unknown>;
  return {
    name,
    provider: name.split('/', 1)[0]!,
    contentType: String(file['content_type'] ?? 'application/json'),
    headers: (file['headers'] ?? {}) as Record<string, string>,
    body: file['body'],
    ...(typeof file['raw_body'] === 'string' && { rawBody: file['raw_body'] }),
    ...(typeof file['app_secret_of_this_vector'] === 'string' && {
      secret: file['app_secret_of_this_vector'],
    }),
    expected,
  };
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
