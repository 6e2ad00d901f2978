import { once } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { rotate } from '../process/log-tail.js';

/** Takes one line that a service wrote. */
export type LineSink = (line: string) => void;

/** The log file of one service; what an earlier start wrote is moved to `<file>.1`. */
export class ServiceLog {
  private readonly stream: WriteStream;
  private readonly followed: Promise<unknown>[] = [];

  constructor(
    readonly file: string,
    private readonly onLine: LineSink,
  ) {
    mkdirSync(dirname(file), { recursive: true });
    rotate(file);
    this.stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  }

  /** Follows the output of one run of the service. */
  follow(outputs: readonly Readable[]): void {
    for (const output of outputs) {
      const lines = createInterface({ input: output, crlfDelay: Infinity });
      lines.on('line', (line) => {
        this.stream.write(`${line}\n`);
        this.onLine(line);
      });
      this.followed.push(once(lines, 'close'));
    }
  }

  /** Called when the service has ended; resolves when everything it wrote is in the file. */
  async close(): Promise<void> {
    await Promise.all(this.followed);
    await new Promise<void>((resolve) => this.stream.end(resolve));
  }
}
