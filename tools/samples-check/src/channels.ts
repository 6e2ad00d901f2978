import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Channel } from '@kirisan/channel-kit';

const APPS = join(import.meta.dirname, '..', '..', '..', 'apps');

/** The channels that have an app, by name: each app exports its channel from `src/<provider>.channel.ts`. */
export async function findChannels(): Promise<Map<string, Channel<unknown>>> {
  const files = readdirSync(APPS)
    .filter((app) => app.startsWith('ingestor-'))
    .flatMap((app) => readdirSync(join(APPS, app, 'src')).map((file) => join(APPS, app, 'src', file)))
    .filter((file) => file.endsWith('.channel.ts'));
  const channels = new Map<string, Channel<unknown>>();
  for (const file of files) {
    const exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    for (const value of Object.values(exported))
      if (isChannel(value)) channels.set(value.descriptor.name, value);
  }
  return channels;
}

function isChannel(value: unknown): value is Channel<unknown> {
  return typeof value === 'object' && value !== null && 'descriptor' in value && 'normalise' in value;
}
