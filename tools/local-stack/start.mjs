// What `npm start` runs. Needs nothing but Node: it installs and builds what is missing, then starts the stack.
import { ensureBuilt } from './start/build.mjs';
import { ensureInstalled } from './start/install.mjs';
import { demandNode } from './start/node-version.mjs';
import { StartError } from './start/start-error.mjs';

try {
  demandNode();
  ensureInstalled();
  process.env.KIRISAN_BUILD = ensureBuilt();
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(`\n${error.message}`);
  process.exit(1);
}
await import('./dist/main.js');
