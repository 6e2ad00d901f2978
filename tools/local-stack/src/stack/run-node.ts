import { join } from 'node:path';
import { repositoryRoot } from '../local-dir.js';

/** How an entry is run: with the options that its container has too, by the node that runs the stack. */
export function runNode(entry: string, env: Record<string, string>) {
  return {
    command: join(repositoryRoot(), 'deploy', 'run-node'),
    args: [entry],
    env: { ...env, NODE: process.execPath },
  };
}
