import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** One of the bench's own processes, asked by message. */
export class HelperProcess {
  private readonly child: ChildProcess;

  constructor(name: 'sink' | 'load' | 'bare-post') {
    this.child = fork(join(import.meta.dirname, `${name}.process.js`));
  }

  async answer<T>(): Promise<T> {
    const [message] = (await once(this.child, 'message')) as [T];
    return message;
  }

  ask<T>(question: object): Promise<T> {
    const answer = this.answer<T>();
    this.child.send(question);
    return answer;
  }

  end(): void {
    this.child.kill();
  }
}
