import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from '../free-port.js';
import { startChild, type Child } from '../process/child.js';
import { logSince, logSize, rotate } from '../process/log-tail.js';
import { ServerProcess, type Server } from '../process/server-process.js';
import { recordServer, takeOver } from '../process/take-over.js';
import { waitFor } from '../wait-for.js';
import { ensureNatsServer } from './nats-binary.js';
import { renderNatsConfig, type NatsCluster, type NatsUser } from './nats-config.js';
import { PortTakenError } from './port-taken.error.js';

const CONFIG = 'nats.conf';
const LOG = 'nats.log';

/** Options of {@link startNats}. */
export interface NatsOptions {
  /** Keeps the JetStream store, the configuration and the log; the same folder gives the same data again. */
  dir: string;
  /** A free one by default. */
  port?: number;
  /** Without users everybody may do everything. The credentials of the first are in `url`. */
  users?: readonly NatsUser[];
  syncAlways?: boolean;
  /** Bytes; 8 MiB by default. */
  maxPayload?: number;
  cluster?: NatsCluster;
  serverName?: string;
  /** Lines added to the configuration. */
  configExtra?: string;
  /** The whole configuration instead, which must listen on `port` and log to stderr. */
  configText?: string;
  /** A known binary; else {@link ensureNatsServer} finds one. */
  binary?: string;
}

/** A running nats-server with JetStream on 127.0.0.1. */
export interface NatsServer extends Server {
  /** Holds the first user's credentials if there are users; take it apart with {@link natsLogin}. */
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** SIGSTOP: alive to the system, silent to everybody else. */
  pause(): void;
  resume(): void;
}

/** Starts a real nats-server and waits until it is ready. */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  await takeOver(dir, join(dir, CONFIG));
  rotate(join(dir, LOG));
  const binary = options.binary ?? (await ensureNatsServer());
  if (options.port !== undefined) return startOn(options.port, dir, binary, options);
  for (let tries = 1; ; tries++) {
    try {
      return await startOn(await freePort(), dir, binary, options);
    } catch (error) {
      if (!(error instanceof PortTakenError) || tries === 3) throw error;
    }
  }
}

/** Ends a nats-server in this folder whose starter is gone; rejects if the starter lives. */
export async function endLeftoverNats(dir: string): Promise<void> {
  await takeOver(resolve(dir), join(resolve(dir), CONFIG));
}

async function startOn(port: number, dir: string, binary: string, options: NatsOptions): Promise<NatsServer> {
  const config = join(dir, CONFIG);
  const text =
    options.configText ??
    renderNatsConfig({ ...options, port, storeDir: join(dir, 'jetstream'), extra: options.configExtra });
  const server = new EmbeddedNats(dir, port, options.users?.[0], async () => {
    await takeOver(dir, config);
    writeFileSync(config, text, { mode: 0o600 });
    return launchNats(binary, dir, config, port);
  });
  await server.start();
  return server;
}

class EmbeddedNats extends ServerProcess implements NatsServer {
  constructor(
    readonly dir: string,
    readonly port: number,
    private readonly user: NatsUser | undefined,
    launch: () => Promise<Child>,
  ) {
    super({ name: 'nats-server', launch, stopSignal: 'SIGTERM', stopTimeoutMs: 20_000 });
  }

  get url(): string {
    const login = this.user
      ? `${encodeURIComponent(this.user.user)}:${encodeURIComponent(this.user.password)}@`
      : '';
    return `nats://${login}127.0.0.1:${this.port}`;
  }

  pause(): void {
    this.signal('SIGSTOP');
  }

  resume(): void {
    this.signal('SIGCONT');
  }
}

async function launchNats(binary: string, dir: string, config: string, port: number): Promise<Child> {
  const logFile = join(dir, LOG);
  const from = logSize(logFile);
  const child = await startChild({
    command: binary,
    args: ['-c', config],
    cwd: dir,
    logFile,
    lastSignal: 'KILL',
  });
  recordServer(dir, child.pid);
  const said = (what: RegExp) => what.test(logSince(logFile, from));
  const settled = () => !child.running() || said(/Server is ready/);
  await waitFor(settled, { timeoutMs: 60_000, what: 'nats-server' }).finally(
    () => settled() || child.signal('SIGKILL'),
  );
  if (child.running()) return child;
  if (said(/address already in use/i)) throw new PortTakenError('nats-server', port);
  throw new Error(`nats-server did not start:\n${logSince(logFile, from)}`);
}

/**
 * Takes the URL of a {@link NatsServer}, or several of one cluster separated by commas, apart into what the NATS client
 * wants, as it ignores credentials in a URL.
 */
export function natsLogin(url: string): { servers: string; user?: string; pass?: string } {
  const urls = url.split(',').map((one) => new URL(one));
  const { username, password } = urls[0]!;
  const servers = urls.map(({ host }) => `nats://${host}`).join(',');
  return username
    ? { servers, user: decodeURIComponent(username), pass: decodeURIComponent(password) }
    : { servers };
}
