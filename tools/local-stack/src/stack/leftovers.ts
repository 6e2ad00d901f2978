import { join } from 'node:path';
import { isServer, pidAlive } from '../process/take-over.js';
import { endLeftoverNats } from '../servers/nats.js';
import { endLeftoverPostgres } from '../servers/postgres.js';
import type { ServiceSpec } from '../services.js';
import { waitFor } from '../wait-for.js';
import { entryOf } from './service-process.js';
import { readStackFile } from './stack-file.js';

/**
 * Ends what outlived a killed supervisor and its guard, so that its ports are free again. A pid that is another
 * program's by now is left alone.
 */
export async function endLeftovers(dir: string, services: readonly ServiceSpec[]): Promise<void> {
  const pids = readStackFile(join(dir, 'stack.json'))?.pids ?? {};
  await Promise.all([
    ...services.map((service) => endService(service, pids[service.name])),
    endLeftoverNats(join(dir, 'nats')),
    endLeftoverPostgres(join(dir, 'postgres')),
  ]);
}

async function endService(service: ServiceSpec, pid: number | undefined): Promise<void> {
  if (pid === undefined || !isServer(pid, entryOf(service))) return;
  process.kill(pid, 'SIGKILL');
  await waitFor(() => !pidAlive(pid) || !isServer(pid, entryOf(service)), {
    what: `the end of ${service.name}`,
  });
}
