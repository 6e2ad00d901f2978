import { isServer, pidAlive } from '../process/take-over.js';
import type { ServiceSpec } from '../services.js';
import { waitFor } from '../wait-for.js';
import { entryOf } from './service-process.js';
import type { StackFile } from './stack-file.js';

/** Ends services that outlived a killed supervisor and its guard. A pid that is another program's by now is left alone. */
export async function endLeftovers(
  services: readonly ServiceSpec[],
  earlier: StackFile | undefined,
): Promise<void> {
  for (const service of services) {
    const pid = earlier?.pids[service.name];
    if (pid === undefined || !isServer(pid, entryOf(service))) continue;
    process.kill(pid, 'SIGKILL');
    await waitFor(() => !pidAlive(pid) || !isServer(pid, entryOf(service)), {
      what: `the end of ${service.name}`,
    });
  }
}
