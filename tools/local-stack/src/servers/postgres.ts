import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../free-port.js';
import { startChild, type Child } from '../process/child.js';
import { logSince, logSize, rotate } from '../process/log-tail.js';
import { ServerProcess, type Server } from '../process/server-process.js';
import { isServer, recordServer, takeOver } from '../process/take-over.js';
import { waitFor } from '../wait-for.js';
import { postgresBinaries } from './postgres-binaries.js';
import { ensureCluster } from './postgres-cluster.js';
import { postgresHome, type PostgresHome } from './postgres-home.js';
import { PortTakenError } from './port-taken.error.js';

/** Options of {@link startPostgres}. */
export interface PostgresOptions {
  /** Keeps data, password and log; the same folder gives the same data again. */
  dir: string;
  /** A free one by default. */
  port?: number;
  /** Of the superuser `postgres`, used when the cluster is made; a random one by default. */
  password?: string;
  /** False trades safety against loss of power for speed (fsync off): for tests. Default true. */
  durable?: boolean;
}

/** A running PostgreSQL on 127.0.0.1. */
export interface PostgresServer extends Server {
  /** With the superuser's credentials, to the database `postgres`. */
  readonly url: string;
  readonly port: number;
  /** Where data, password and log really are. */
  readonly dir: string;
  /** Makes an empty database and returns its URL, with the superuser's credentials. */
  createDatabase(name: string): Promise<string>;
}

/** Starts a real PostgreSQL, as root as well (it then runs as another account), and waits until it accepts logins. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const home = postgresHome(options.dir);
  const binaries = postgresBinaries(home.user);
  await takeOver(home.dir, home.data);
  rotate(home.log);
  const password = await ensureCluster(home, binaries.initdb, options.password);
  const port = options.port ?? (await freePort());
  const launch = () => launchPostgres(binaries.postgres, home, port, options.durable ?? true);
  const server = new EmbeddedPostgres(home.dir, port, password, launch);
  await server.start();
  return server;
}

/** Ends a PostgreSQL in this folder whose starter is gone; rejects if the starter lives. */
export async function endLeftoverPostgres(dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  const home = postgresHome(dir);
  await takeOver(home.dir, home.data);
}

class EmbeddedPostgres extends ServerProcess implements PostgresServer {
  constructor(
    readonly dir: string,
    readonly port: number,
    private readonly password: string,
    launch: () => Promise<Child>,
  ) {
    super({ name: 'PostgreSQL', launch, stopSignal: 'SIGINT', stopTimeoutMs: 30_000 });
  }

  get url(): string {
    return this.urlOf('postgres');
  }

  async createDatabase(name: string): Promise<string> {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    try {
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
    } finally {
      await client.end();
    }
    return this.urlOf(name);
  }

  private urlOf(database: string): string {
    return `postgres://postgres:${encodeURIComponent(this.password)}@127.0.0.1:${this.port}/${encodeURIComponent(database)}`;
  }
}

async function launchPostgres(
  postgres: string,
  home: PostgresHome,
  port: number,
  durable: boolean,
): Promise<Child> {
  await takeOver(home.dir, home.data);
  forgetStalePid(home);
  // The backends of a killed server hold its shared memory until each has noticed, so the first tries may fail.
  for (let tries = 1; ; tries++) {
    const child = await tryLaunch(postgres, home, port, durable);
    if (child) return child;
    if (tries === 50) throw new Error(`The left-overs of a killed PostgreSQL do not end; see ${home.log}`);
    await sleep(200);
  }
}

async function tryLaunch(
  postgres: string,
  home: PostgresHome,
  port: number,
  durable: boolean,
): Promise<Child | undefined> {
  const from = logSize(home.log);
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'timezone=UTC',
  ];
  if (!durable) settings.push('fsync=off', 'full_page_writes=off', 'shared_buffers=32MB');
  const child = await startChild({
    command: postgres,
    args: ['-D', home.data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    ...home.user,
    cwd: home.dir,
    env: { ...process.env, LC_ALL: 'C' },
    logFile: home.log,
    lastSignal: 'QUIT',
  });
  recordServer(home.dir, child.pid);
  const settled = () => !child.running() || isReady(home, child.pid);
  await waitFor(settled, { timeoutMs: 120_000, what: 'PostgreSQL' }).finally(
    () => settled() || child.signal('SIGQUIT'),
  );
  if (child.running()) return child;
  const log = logSince(home.log, from);
  // Its hint asks whether another postmaster runs, which must not pass for the left-overs below.
  if (/Address already in use/i.test(log)) throw new PortTakenError('PostgreSQL', port);
  if (/pre-existing shared memory|is another (postmaster|postgres)/i.test(log)) return undefined;
  throw new Error(`PostgreSQL did not start:\n${log}`);
}

/** The last line of postmaster.pid is how pg_ctl too knows that a server is ready. */
function isReady(home: PostgresHome, pid: number): boolean {
  const lines = readPidFile(home);
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

/** A pid of a crashed server may belong to another process by now, which PostgreSQL would take for itself. */
function forgetStalePid(home: PostgresHome): void {
  const pid = Number(readPidFile(home)[0]);
  if (pid && !isServer(pid, home.data)) rmSync(join(home.data, 'postmaster.pid'), { force: true });
}

function readPidFile(home: PostgresHome): string[] {
  try {
    return readFileSync(join(home.data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}
