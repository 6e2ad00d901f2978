import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

const EVERY_MS = 1_000;
const DEADLINE_MS = 2_000;

/** Whether PostgreSQL answers, asked once a second. */
@Injectable()
export class DatabasePulse implements OnModuleInit, OnModuleDestroy {
  up = true;
  private timer?: NodeJS.Timeout;
  private asking = false;

  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.beat(), EVERY_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Asks now, unless an earlier question is still open; the answer is in `up`. */
  private async beat(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    this.up = await this.answers();
    this.asking = false;
  }

  /** Asks now: whether PostgreSQL answers within the deadline. */
  async answers(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), DEADLINE_MS);
    });
    const answer = this.dataSource.query('SELECT 1').then(
      () => true,
      () => false,
    );
    const result = await Promise.race([answer, deadline]);
    clearTimeout(timer);
    return result;
  }
}
