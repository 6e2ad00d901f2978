import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { takeLock } from '../process/lock.js';
import { discoverServices, type SchemaOwner, type ServiceSpec, withCopies } from '../services.js';
import { Credentials } from './credentials.js';
import { ensureOwners, ensureSchemas } from './database.js';
import { ownDatabase, ownNats, type Backing, type Keep } from './embedded-servers.js';
import { migrationEnvironment, type StackFacts } from './environment.js';
import { endLeftovers } from './leftovers.js';
import { MigrationMark } from './migration-mark.js';
import { runMigration } from './migrations.js';
import { demandFree, fixedPorts, freePorts, type Ports } from './ports.js';
import { Stack } from './stack.js';
import type { RunningStack, StackOptions } from './stack-options.js';

/**
 * Brings up PostgreSQL, nats-server and every service, and resolves when all are ready. Rejects, with nothing left
 * running, with `LockHeldError` if a stack runs in this folder, with `PortInUseError`, or with what failed.
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o711);
  const release = takeLock(join(dir, 'stack.lock'));
  const services = withCopies(options.services ?? discoverServices(), options.copies ?? {});
  const stack = new Stack({ ...options, dir }, services, join(dir, 'stack.json'));
  try {
    await bringUp(stack, { ...options, dir }, services);
  } catch (error) {
    await stack.stop();
    release();
    throw error;
  }
  const stop = stack.stop.bind(stack);
  stack.stop = () => stop().finally(release);
  return stack;
}

async function bringUp(stack: Stack, options: StackOptions, services: readonly ServiceSpec[]): Promise<void> {
  const { dir } = options;
  await endLeftovers(dir, services);
  const credentials = new Credentials(join(dir, 'credentials.json'));
  const ports = await choosePorts(options, services);
  const [database, nats] = await startServers(stack, options, services, ports, credentials);
  const owners = originals(services).flatMap(({ database }) => database ?? []);
  const ownerUrls = await makeOwners(database.url, owners, credentials, options);
  const ownNatsUsers = nats.dir !== undefined;
  const facts = { ports, credentials, databaseUrl: database.url, ownerUrls, natsUrl: nats.url, ownNatsUsers };
  const mark = new MigrationMark(
    [database, nats].flatMap(({ dir }) => dir ?? []),
    database.dir && nats.dir ? options.build : undefined,
  );
  if (!mark.isSet()) await migrate(services, facts, options);
  mark.clear();
  await stack.startServices(facts);
  mark.set();
}

const originals = (services: readonly ServiceSpec[]) => services.filter(({ copyOf }) => !copyOf);

async function choosePorts(options: StackOptions, services: readonly ServiceSpec[]): Promise<Ports> {
  const names = services.map(({ name }) => name);
  if (options.ports === 'free') return freePorts(['postgres', 'nats', ...names]);
  const ports = fixedPorts(services, process.env, join(options.dir, 'ports.json'));
  if (options.databaseUrl) delete ports.postgres;
  if (options.natsUrl) delete ports.nats;
  await demandFree(ports);
  return ports;
}

/** Both at once; when one fails, the other one has been given to the stack, which stops it. */
async function startServers(
  stack: Stack,
  options: StackOptions,
  services: readonly ServiceSpec[],
  ports: Ports,
  credentials: Credentials,
): Promise<[Backing, Backing]> {
  const { dir, durable = true, databaseUrl, natsUrl } = options;
  const keep: Keep = (name, server, logFile) => void stack.keep(name, server, logFile);
  const names = originals(services).map(({ name }) => name);
  const [database, nats] = await Promise.allSettled([
    databaseUrl ? { url: databaseUrl } : ownDatabase(dir, ports.postgres as number, durable, keep),
    natsUrl ? { url: natsUrl } : ownNats(dir, ports.nats as number, names, credentials, keep),
  ]);
  if (database.status === 'rejected') throw database.reason;
  if (nats.status === 'rejected') throw nats.reason;
  return [database.value, nats.value];
}

/** Somebody's own database may not let us make roles: then every service logs in as its URL says. */
async function makeOwners(
  databaseUrl: string,
  owners: readonly SchemaOwner[],
  credentials: Credentials,
  options: StackOptions,
): Promise<Record<string, string>> {
  try {
    return await ensureOwners(databaseUrl, owners, (role) => credentials.password(`postgres:${role}`));
  } catch (error) {
    const forbidden = (error as { code?: string }).code === '42501';
    if (!forbidden || !options.databaseUrl) throw error;
    await ensureSchemas(databaseUrl, owners);
    options.onNote?.('The user of DATABASE_URL may not make roles: all services share this user.');
    return {};
  }
}

async function migrate(
  services: readonly ServiceSpec[],
  facts: StackFacts,
  options: StackOptions,
): Promise<void> {
  await Promise.all(
    services.map((service) => {
      const env = { ...migrationEnvironment(facts, service, process.env), ...options.env };
      return runMigration(service, env, join(options.dir, 'logs', `${service.name}-migrate.log`));
    }),
  );
}
