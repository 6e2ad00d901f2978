import { CONFIG } from '../bench.config.js';
import { BenchStack, type Line } from '../bench-stack.js';
import type { Figures } from '../experiment.js';
import { distribution } from '../process-figures.js';

const RATE = 200;

/** Fifty endpoints under steady load, with and without one of them that accepts and never answers. */
export function slowEndpoint(): Promise<Figures> {
  return BenchStack.use(async (stack) => {
    const lines = await stack.lines();
    await stack.deliver(lines, 4_000);
    const without = split(lines, await stack.steady(lines, RATE, CONFIG.seconds));
    await stack.sink.ask({ ask: 'hold', held: 'slow' });
    const beside = split(lines, await stack.steady(lines, RATE, CONFIG.seconds));
    await stack.sink.ask({ ask: 'hold', held: 'nothing' });
    return {
      'ms of the 49 others': {
        'all answer': distribution(without.others),
        'one hangs': distribution(beside.others),
      },
      'the one that hangs': {
        sent: beside.slow.length,
        'arrived meanwhile': beside.slow.filter(Number.isFinite).length,
      },
    };
  });
}

/** The load generator goes through the lines in turn, from the first number on. */
function split(lines: readonly Line[], times: Map<number, number>) {
  const first = Math.min(...times.keys());
  const isSlow = ([number]: [number, number]) => (number - first) % lines.length === 0;
  const entries = [...times];
  return {
    slow: entries.filter(isSlow).map(([, ms]) => ms),
    others: entries.filter((entry) => !isSlow(entry)).map(([, ms]) => ms),
  };
}
