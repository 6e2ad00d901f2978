import { waitFor } from '@kirisan/local-stack';
import { BenchStack } from '../bench-stack.js';
import type { Figures } from '../experiment.js';

const IN_FLIGHT = 5_000;
/** Endpoints that do not answer may hold the whole room here; else they would be parked. */
const SETTINGS = { SATURATED_SHARE: '1' };

/** Memory of the delivery-worker while so many POSTs wait for their answer. */
export function inFlight(): Promise<Figures> {
  return BenchStack.use(
    async (stack) => {
      const lines = await stack.lines();
      await stack.deliver(lines, 4_000);
      const before = stack.memory()['delivery-worker'];
      await stack.sink.ask({ ask: 'hold', held: 'all' });
      await stack.send({ ingestUrls: lines.map(({ ingestUrl }) => ingestUrl), count: IN_FLIGHT });
      let held = 0;
      await waitFor(async () => (held = await waiting(stack)) >= IN_FLIGHT, {
        timeoutMs: 20_000,
        what: 'POSTs in flight',
      }).catch(() => undefined);
      const during = stack.memory()['delivery-worker'];
      await stack.sink.ask({ ask: 'hold', held: 'nothing' });
      return { 'delivery-worker, MB': { before, during, 'POSTs in flight': held } };
    },
    { env: SETTINGS },
  );
}

async function waiting({ sink }: BenchStack): Promise<number> {
  return (await sink.ask<{ waiting: number }>({ ask: 'arrivals' })).waiting;
}
