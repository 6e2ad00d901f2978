import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './local-dir.js';

/** A PostgreSQL role of its own and the schema that it owns. */
export interface SchemaOwner {
  role: string;
  schema: string;
}

/** One process of the stack. */
export interface ServiceSpec {
  /** Also the name of its NATS user, unless it is a copy. */
  name: string;
  /** The service that this is a further process of: same rights, same database, a port of its own. */
  copyOf?: string;
  /** Absolute path of the app. */
  folder: string;
  /** Its port when none is set; channels get theirs from {@link INGESTOR_PORTS}. */
  port?: number;
  /** Run with node, relative to the folder. */
  entry: string;
  /** One-shot command that runs before the services, relative to the folder. */
  migration?: string;
  database?: SchemaOwner;
  env?: Record<string, string>;
}

/** Ports of the embedded servers and the setting that changes each. */
export const SERVER_PORTS = { postgres: 4132, nats: 4122 } as const;

/** Channels get these in the order in which they are first seen, and keep them. */
export const INGESTOR_PORTS = { first: 4110, last: 4121 } as const;

const ENTRY = 'dist/main.js';
const MIGRATION = 'dist/migrate.js';

/** In the order in which they appear to people. A row whose app does not exist is left out. */
const SERVICES: Omit<ServiceSpec, 'folder' | 'entry'>[] = [
  {
    name: 'registry',
    port: 4100,
    migration: MIGRATION,
    database: { role: 'registry', schema: 'registry' },
  },
  {
    name: 'log-service',
    port: 4101,
    migration: MIGRATION,
    database: { role: 'log_service', schema: 'log' },
  },
  { name: 'router', port: 4102 },
  { name: 'delivery-worker', port: 4103 },
];

/** What every service is told beyond its addresses and credentials, unless the environment says otherwise. */
export const DEVELOPMENT_SETTINGS: Record<string, string> = {
  LOG_LEVEL: 'info',
  HOST: '127.0.0.1',
  TARGET_ALLOW: '127.0.0.0/8,::1/128',
  ALLOW_HTTP: 'true',
};

/** The services of this checkout: the table above and every channel that has a folder. */
export function discoverServices(root = repositoryRoot()): ServiceSpec[] {
  const apps = join(root, 'apps');
  const folders = existsSync(apps) ? readdirSync(apps).sort() : [];
  const channels = folders.filter((name) => name.startsWith('ingestor-')).map((name) => ({ name }));
  return [...SERVICES, ...channels]
    .map((row) => ({ ...row, folder: join(apps, row.name), entry: ENTRY }))
    .filter(({ folder }) => existsSync(join(folder, 'package.json')));
}

/** The services and further processes of some: with `{ router: 2 }` there is `router-2` as well. */
export function withCopies(
  services: readonly ServiceSpec[],
  copies: Readonly<Record<string, number>>,
): ServiceSpec[] {
  const further = services.flatMap((service) => {
    const { migration: _ranOnce, port: _itsOwn, ...same } = service;
    return Array.from({ length: (copies[service.name] ?? 1) - 1 }, (_, i) => ({
      ...same,
      name: `${service.name}-${i + 2}`,
      copyOf: service.name,
    }));
  });
  return [...services, ...further];
}

/** The channel that a service ingests, if it does. */
export function channelOf(service: string): string | undefined {
  return /^ingestor-(.+)$/.exec(service)?.[1];
}

/** The environment variable that changes the port of a service or server, for example `REGISTRY_PORT`. */
export function portSetting(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_PORT`;
}
