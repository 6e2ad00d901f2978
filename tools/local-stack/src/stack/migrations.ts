import { join } from 'node:path';
import { startChild } from '../process/child.js';
import type { ServiceSpec } from '../services.js';
import { runNode } from './run-node.js';
import { ServiceLog } from './service-log.js';

const SHOWN_LINES = 20;

/** Runs the one-shot command of a service to its end; rejects with the end of its output if it fails. */
export async function runMigration(
  service: ServiceSpec,
  env: Record<string, string>,
  logFile: string,
): Promise<void> {
  if (!service.migration) return;
  const lines: string[] = [];
  const log = new ServiceLog(logFile, (line) => lines.push(line));
  const child = await startChild({
    ...runNode(join(service.folder, service.migration), env),
    cwd: service.folder,
    lastSignal: 'KILL',
  });
  child.hold();
  log.follow(child.output);
  const { code, signal } = await child.exited;
  await log.close();
  if (code === 0) return;
  throw new Error(
    `The migration of ${service.name} failed (${signal ?? `code ${code}`}):\n${lines.slice(-SHOWN_LINES).join('\n')}`,
  );
}
