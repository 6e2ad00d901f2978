const number = (name: string, standard: number) => Number(process.env[name] ?? standard);

/** What makes a run shorter or longer. */
export const CONFIG = {
  /** Events of one throughput run. */
  events: number('BENCH_EVENTS', 20_000),
  /** Throughput runs; figures are medians. */
  pairs: number('BENCH_PAIRS', 3),
  /** Rows of the log that is queried; fill 10,000,000 for the figures that matter. */
  rows: number('BENCH_ROWS', 200_000),
  /** Seconds of each steady load. */
  seconds: number('BENCH_SECONDS', 20),
  /**
   * Another sender, run by the shell after each throughput run with `SINK_URL` and `EVENTS` in its environment; its last
   * line is JSON of numbers, `deliveriesPerSecond` among them.
   */
  compareCommand: process.env.BENCH_COMPARE_CMD,
  resultsDir: 'test-results',
};
