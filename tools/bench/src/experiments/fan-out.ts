import { BenchStack } from '../bench-stack.js';
import type { Figures } from '../experiment.js';

const ENDPOINTS = [1, 10, 100, 1_000];
const DELIVERIES = 10_000;

/** CPU of a delivery by the number of endpoints that a device has. */
export function fanOut(): Promise<Figures> {
  return BenchStack.use(async (stack) => {
    await stack.deliver(await stack.lines(), 4_000);
    const rows: Record<string, object> = {};
    for (const endpoints of ENDPOINTS) {
      const line = await stack.line(endpoints);
      const { microsByProcess, ...run } = await stack.deliver([line], DELIVERIES / endpoints, DELIVERIES);
      rows[endpoints] = { ...run, ...microsByProcess };
    }
    return { 'by endpoints a device': rows };
  });
}
