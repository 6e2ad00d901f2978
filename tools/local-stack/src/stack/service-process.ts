import { join } from 'node:path';
import { startChild } from '../process/child.js';
import { ServerProcess } from '../process/server-process.js';
import type { ServiceSpec } from '../services.js';
import { runNode } from './run-node.js';
import type { ServiceLog } from './service-log.js';

/** A delivery that is under way may take 45 s to end, and a service gives itself some seconds more. */
const STOP_TIMEOUT_MS = 60_000;

/** Absolute path of what node runs for a service. */
export function entryOf(service: ServiceSpec): string {
  return join(service.folder, service.entry);
}

/** The process of one service; its readiness is somebody else's question. */
export function serviceProcess(
  service: ServiceSpec,
  env: Record<string, string>,
  log: ServiceLog,
): ServerProcess {
  return new ServerProcess({
    name: service.name,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    launch: async () => {
      const child = await startChild({
        ...runNode(entryOf(service), env),
        cwd: service.folder,
        lastSignal: 'KILL',
      });
      log.follow(child.output);
      return child;
    },
  });
}
