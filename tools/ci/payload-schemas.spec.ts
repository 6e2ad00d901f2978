import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ChannelDescriptor } from '@kirisan/contracts';

const root = join(import.meta.dirname, '..', '..');
const schemas = join(root, 'docs/reference/schemas');
const ajv = new Ajv2020({ allErrors: true });
const validators = new Map(
  readdirSync(schemas).map((file) => [
    file.replace('.json', ''),
    ajv.compile(JSON.parse(readFileSync(join(schemas, file), 'utf8')) as object),
  ]),
);

/** What the channels show as samples of their events. */
const samples: { channel: string; event: string; payload: Record<string, unknown> }[] = [];
for (const app of readdirSync(join(root, 'apps')).filter((name) => name.startsWith('ingestor-'))) {
  const files = readdirSync(join(root, 'apps', app, 'src'));
  const file = files.find((name) => name.endsWith('.descriptor.ts'));
  const exported = (await import(join(root, 'apps', app, 'src', file!))) as Record<string, unknown>;
  for (const descriptor of Object.values(exported) as Partial<ChannelDescriptor>[]) {
    for (const [event, sample] of Object.entries(descriptor.samples ?? {})) {
      const payload = { ...sample, device: 'dev', timestamp: 1_700_000_000, production: false };
      samples.push({ channel: app, event, payload });
    }
  }
}

describe('the JSON Schemas for receivers', () => {
  it.each(samples)('fit the $event of $channel', ({ event, payload }) => {
    const validate = validators.get(event)!;
    validate(payload);
    expect(validate.errors).toBeNull();
  });

  it('cover every event that a channel has', () => {
    expect(new Set(samples.map(({ event }) => event))).toEqual(new Set(validators.keys()));
  });

  it.each([
    ['a missing member', { device: undefined }],
    ['a fraction of a second', { timestamp: 1.5 }],
    ['a null in the place of a member that is left out', { message: { type: 'text', text: '', file: null } }],
    ['another event', { event: 'submission' }],
  ])('refuse %s', (_, change) => {
    const { payload } = samples.find(({ event }) => event === 'incoming_message')!;
    const changed = JSON.parse(JSON.stringify({ ...payload, ...change })) as object;
    expect(validators.get('incoming_message')!(changed)).toBe(false);
  });
});
