import { join } from 'node:path';
import { localDir } from './local-dir.js';
import { LockHeldError } from './process/lock.js';
import { discoverServices } from './services.js';
import { onStopSignals } from './stack/stop-signals.js';
import { addresses, firstThingToTry } from './stack/first-thing-to-try.js';
import { Prettifier } from './stack/pretty-line.js';
import { startStack } from './stack/start-stack.js';
import type { RunningStack } from './stack/stack-options.js';

const startedAt = performance.now();
const dir = process.env.KIRISAN_LOCAL_DIR ?? localDir();
const services = discoverServices();
const names = ['stack', ...services.map(({ name }) => name)];
const pretty = new Prettifier(names, process.stdout.isTTY === true && !process.env.NO_COLOR);
const print = (name: string, line: string) => {
  const text = pretty.format(name, line);
  if (text !== undefined) process.stdout.write(`${text}\n`);
};
const note = (text: string) => text.split('\n').forEach((line) => print('stack', line));

let running: RunningStack | undefined;

onStopSignals({
  first: async () => {
    if (!running) process.exit(130);
    note('stopping; a delivery that is under way may take 45 s to end, Ctrl-C again to end now');
    await running.stop();
    process.exit(0);
  },
  // The guard ends what we leave behind.
  second: () => process.exit(130),
});

try {
  running = await startStack({
    dir,
    services,
    databaseUrl: process.env.DATABASE_URL,
    natsUrl: process.env.NATS_URL,
    build: process.env.KIRISAN_BUILD,
    onLine: print,
    onNote: note,
  });
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  note(`ready in ${seconds} s; addresses and credentials are in ${join(dir, 'stack.json')}`);
  console.log(
    `\n${addresses(running.stack)}\n\nTo try it, in another terminal:\n\n${firstThingToTry(running.stack)}\n`,
  );
} catch (error) {
  console.error(`\n${explain(error)}`);
  process.exit(1);
}

function explain(error: unknown): string {
  if (error instanceof LockHeldError) {
    return `It runs already (process ${error.holder}); its addresses are in ${join(dir, 'stack.json')}.`;
  }
  if ((error as NodeJS.ErrnoException).code === 'EACCES') {
    return `${(error as Error).message}\n${dir} was probably made by a start as another user.`;
  }
  return (error as Error).message;
}
