import { once } from 'node:events';

/** Closing the guard's stdin is what it waits for: it ends every server of the run and removes its folder. */
export default async function teardown() {
  const guard = globalThis.kirisanGuard;
  if (!guard || guard.exitCode !== null) return;
  guard.ref();
  guard.stdin.end();
  await once(guard, 'exit');
}
