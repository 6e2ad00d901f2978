import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU in ticks of 10 ms. */
const MICROS_A_TICK = 10_000;

interface ProcessRow {
  pid: number;
  parent: number;
  micros: number;
}

/** CPU (user and system) in µs of a process and all of its descendants, those that have ended included. */
export function cpuMicros(root: number): number {
  const rows = processRows();
  const family = new Set([root]);
  for (let grown = true; grown;) {
    grown = false;
    for (const { pid, parent } of rows) {
      if (family.has(parent) && !family.has(pid)) {
        family.add(pid);
        grown = true;
      }
    }
  }
  return rows.filter(({ pid }) => family.has(pid)).reduce((sum, { micros }) => sum + micros, 0);
}

function processRows(): ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [parseStat(Number(name), readFileSync(`/proc/${name}/stat`, 'utf8'))];
      } catch {
        return []; // It ended meanwhile.
      }
    });
}

function parseStat(pid: number, text: string): ProcessRow {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return {
    pid,
    parent: Number(fields[1]),
    micros: (user + system + endedUser + endedSystem) * MICROS_A_TICK,
  };
}

/** Resident memory of one process in MB. */
export function residentMegabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1_024);
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function median(values: readonly number[]): number {
  return percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

export function distribution(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => Math.round(percentile(sorted, share) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
