import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CONFIG } from '../bench.config.js';
import { BenchStack } from '../bench-stack.js';
import type { Figures } from '../experiment.js';
import { HelperProcess } from '../helper-process.js';
import { median } from '../process-figures.js';

const WARM_UP = 4_000;
const BARE_POSTS = 20_000;

interface Run {
  barePostMicros: number;
  deliveriesPerSecond: number;
  microsPerDelivery: number;
  multipleOfBarePost: number;
  microsByProcess: Record<string, number>;
  compared?: Record<string, number>;
}

/** Deliveries a second end to end and their CPU, each run beside a bare undici POST to the same sink. */
export async function throughput(): Promise<Figures> {
  const bare = new HelperProcess('bare-post');
  try {
    return await BenchStack.use(async (stack) => {
      const lines = await stack.lines();
      await stack.deliver(lines, WARM_UP);
      const runs: Run[] = [];
      for (let pair = 0; pair < CONFIG.pairs; pair++) {
        const url = `${stack.sinkUrl}/`;
        const { micros } = await bare.ask<{ micros: number }>({ url, count: BARE_POSTS });
        const run = await stack.deliver(lines, CONFIG.events);
        const multiple = Math.round((run.microsPerDelivery / micros) * 10) / 10;
        const compared = CONFIG.compareCommand ? await compare(CONFIG.compareCommand, url) : undefined;
        runs.push({ ...run, barePostMicros: Math.round(micros), multipleOfBarePost: multiple, compared });
      }
      return tables(runs, stack.memory());
    });
  } finally {
    bare.end();
  }
}

async function compare(command: string, sinkUrl: string): Promise<Record<string, number>> {
  const env = { ...process.env, SINK_URL: sinkUrl, EVENTS: String(CONFIG.events) };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, number>;
}

function tables(runs: Run[], memory: Record<string, number>): Figures {
  const of = (read: (run: Run) => number) => median(runs.map(read));
  const ratio = (run: Run) => run.deliveriesPerSecond / (run.compared?.deliveriesPerSecond ?? NaN);
  return {
    median: {
      'deliveries/s': of((run) => run.deliveriesPerSecond),
      'CPU µs per delivery': of((run) => run.microsPerDelivery),
      'bare undici POST, CPU µs': of((run) => run.barePostMicros),
      'multiple of a bare POST': of((run) => run.multipleOfBarePost),
      ...(CONFIG.compareCommand ? { 'multiple of the compared deliveries/s': of(ratio) } : {}),
    },
    runs: runs.map(({ microsByProcess, compared, ...run }) => ({ ...run, ...microsByProcess, ...compared })),
    'memory after load, MB': memory,
  };
}
