import type { ServiceSpec } from '../services.js';
import type { Backoff } from './keeper.js';
import type { StackFile } from './stack-file.js';

/** Options of {@link startStack}. */
export interface StackOptions {
  /** Keeps data, credentials and logs; the same folder gives the same stack again. */
  dir: string;
  /** `free` for stacks beside others; else the well-known ports, which settings change. */
  ports?: 'free' | 'fixed';
  /** Added to the environment of every service and migration; wins over everything. */
  env?: Record<string, string>;
  /** Those of the checkout by default. */
  services?: readonly ServiceSpec[];
  /** How many processes of a service run, 1 by default; the second of `router` is called `router-2`. */
  copies?: Record<string, number>;
  /** A PostgreSQL to use instead of the embedded one. */
  databaseUrl?: string;
  /**
   * A nats-server to use instead of the embedded one, or several of a cluster separated by commas; every service logs
   * in with the first URL's credentials.
   */
  natsUrl?: string;
  /** False for tests: PostgreSQL survives kill -9, but not loss of power. Default true. */
  durable?: boolean;
  /** Names what was built. Migrations are left out if the same build has run them on the same data. */
  build?: string;
  backoff?: Backoff;
  /** 60 s by default. */
  readyTimeoutMs?: number;
  /** Every line that a service writes. */
  onLine?: (service: string, line: string) => void;
  /** What the supervisor itself has to say. */
  onNote?: (text: string) => void;
}

/** A stack that runs. */
export interface RunningStack {
  /** The content of `stack.json`, as it is now. */
  readonly stack: StackFile;
  /** Sends a signal (SIGKILL by default) to a service, `postgres` or `nats`, which starts again after a delay if it ends. */
  kill(service: string, signal?: NodeJS.Signals): Promise<void>;
  /** Stops and starts it without delay and, for a service, waits until it is ready. */
  restart(service: string): Promise<void>;
  /** Stops a service, `postgres` or `nats`, which stays away until {@link bringUp}. */
  takeDown(service: string): Promise<void>;
  /** Starts what was taken down. */
  bringUp(service: string): Promise<void>;
  /** Resolves when every service is ready (again). */
  ready(timeoutMs?: number): Promise<void>;
  /** What it has written since the stack was started. */
  logs(service: string): string;
  /** Ends the services, which may finish what they do, then nats-server and PostgreSQL. */
  stop(): Promise<void>;
}
