import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ExitInfo } from '../process/child.js';
import type { Server } from '../process/server-process.js';
import { Keeper } from './keeper.js';

class FakeServer implements Server {
  pid = 1;
  running = true;
  starts = 0;
  failing = false;
  private listener?: (exit: ExitInfo) => void;
  async start() {
    this.starts++;
    if (this.failing) throw new Error('no');
    this.running = true;
  }
  async stop() {
    this.running = false;
  }
  async kill() {
    this.running = false;
  }
  async restart() {}
  signal() {}
  onCrash(listener: (exit: ExitInfo) => void) {
    this.listener = listener;
  }
  crash() {
    this.running = false;
    this.listener?.({ code: 1, signal: null });
  }
}

describe('Keeper', () => {
  let server: FakeServer;
  let keeper: Keeper;
  const notes: string[] = [];

  beforeEach(() => {
    jest.useFakeTimers();
    notes.length = 0;
    server = new FakeServer();
    keeper = new Keeper('it', server, { changed: () => undefined, note: (text) => notes.push(text) });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('waits 1 s, then twice as long each time, up to 30 s', async () => {
    for (let crash = 0; crash < 7; crash++) {
      server.crash();
      await jest.advanceTimersByTimeAsync(30_000);
    }
    expect(notes.map((note) => /in (\d+) s/.exec(note)?.[1])).toEqual(['1', '2', '4', '8', '16', '30', '30']);
    expect(server.starts).toBe(7);
  });

  it('begins with 1 s again for one that lived for a minute', async () => {
    for (const lifeMs of [0, 0, 61_000]) {
      await jest.advanceTimersByTimeAsync(lifeMs);
      server.crash();
      await jest.advanceTimersByTimeAsync(4_000);
    }
    expect(notes.map((note) => /in (\d+) s/.exec(note)?.[1])).toEqual(['1', '2', '1']);
  });

  it('goes on trying when a start fails', async () => {
    server.failing = true;
    server.crash();
    await jest.advanceTimersByTimeAsync(3_000);
    server.failing = false;
    await jest.advanceTimersByTimeAsync(4_000);
    expect(server.running).toBe(true);
    expect(notes[1]).toBe('it did not start: no, starts again in 2 s');
  });

  it('leaves alone what was taken down, until it is started', async () => {
    server.crash();
    await keeper.takeDown();
    await jest.advanceTimersByTimeAsync(60_000);
    expect([server.running, server.starts]).toEqual([false, 0]);
    await keeper.start();
    server.crash();
    await jest.advanceTimersByTimeAsync(4_000);
    expect([server.running, server.starts]).toEqual([true, 2]);
  });

  it('does not start what was stopped while it waited', async () => {
    server.crash();
    await keeper.stop();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(server.starts).toBe(0);
  });
});
