import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { CONFIG } from './bench.config.js';
import type { Experiment, Figures } from './experiment.js';
import { fanOut } from './experiments/fan-out.js';
import { inFlight } from './experiments/in-flight.js';
import { latency } from './experiments/latency.js';
import { logQueries } from './experiments/log-queries.js';
import { routerMatch } from './experiments/router-match.js';
import { slowEndpoint } from './experiments/slow-endpoint.js';
import { startUp } from './experiments/start-up.js';
import { synchronous } from './experiments/synchronous.js';
import { throughput } from './experiments/throughput.js';

/** `npm run bench -- throughput latency` runs these two; without names all of them run, in this order. */
const EXPERIMENTS: Record<string, Experiment> = {
  'start-up': startUp,
  throughput,
  latency,
  'fan-out': fanOut,
  'slow-endpoint': slowEndpoint,
  'in-flight': inFlight,
  'router-match': routerMatch,
  'log-queries': logQueries,
  synchronous,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in EXPERIMENTS));
if (unknown.length > 0) {
  console.error(
    `no such experiment: ${unknown.join(', ')}; there are ${Object.keys(EXPERIMENTS).join(', ')}`,
  );
  process.exit(1);
}

const results: Record<string, unknown> = { machine: machine() };
for (const [name, experiment] of Object.entries(EXPERIMENTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n${name}`);
  const load = round(loadavg()[0]!);
  const figures = await experiment();
  print(figures);
  results[name] = { loadBefore: load, ...figures };
  save();
}

function print(figures: Figures): void {
  for (const table of Object.values(figures)) console.table(table);
}

/** After each experiment, so that an interrupted run leaves what it measured. */
function save(): void {
  mkdirSync(CONFIG.resultsDir, { recursive: true });
  writeFileSync(`${CONFIG.resultsDir}/bench.json`, `${JSON.stringify(results, null, 2)}\n`);
}

function machine() {
  return {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    at: new Date().toISOString(),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
