import { CONFIG } from '../bench.config.js';
import { BenchStack } from '../bench-stack.js';
import type { Figures } from '../experiment.js';
import { distribution } from '../process-figures.js';

const RATE = 200;

/** From the moment of sending to the ingestor until the arrival at the sink, at a steady rate. */
export function latency(): Promise<Figures> {
  return BenchStack.use(async (stack) => {
    const lines = await stack.lines();
    await stack.deliver(lines, 4_000);
    const times = await stack.steady(lines, RATE, CONFIG.seconds);
    return { 'ms at 200 events/s': distribution([...times.values()]) };
  });
}
