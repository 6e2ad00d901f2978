import { setTimeout as sleep } from 'node:timers/promises';
import { fonnteText } from '@kirisan/e2e';
import { Pool } from 'undici';

/** What the bench asks of this process. `rate` is in events per second; without it as fast as the connections allow. */
export interface LoadOrder {
  ingestUrls: string[];
  count: number;
  connections: number;
  firstNumber: number;
  rate?: number;
}

/** When each message was sent, Unix milliseconds, by its number. */
export interface LoadReport {
  sent: [number, number][];
  refused: number;
  seconds: number;
}

const FILLER = 'x'.repeat(150);

async function run(order: LoadOrder): Promise<LoadReport> {
  const pool = new Pool(new URL(order.ingestUrls[0]!).origin, { connections: order.connections });
  const paths = order.ingestUrls.map((url) => new URL(url).pathname);
  const started = performance.now();
  const sent: [number, number][] = [];
  let next = 0;
  let refused = 0;
  const one = async (index: number) => {
    const number = order.firstNumber + index;
    const { headers, body } = fonnteText(number, `bench ${number} Hi, I need help with my order. ${FILLER}`);
    sent.push([number, Date.now()]);
    const response = await pool.request({
      path: paths[index % paths.length]!,
      method: 'POST',
      headers,
      body,
    });
    await response.body.dump();
    if (response.statusCode !== 200) refused++;
  };
  if (order.rate) {
    const pending: Promise<void>[] = [];
    for (let index = 0; index < order.count; index++) {
      const wait = started + (index * 1_000) / order.rate - performance.now();
      if (wait > 0) await sleep(wait);
      pending.push(one(index));
    }
    await Promise.all(pending);
  } else {
    const loop = async () => {
      for (let index = next++; index < order.count; index = next++) await one(index);
    };
    await Promise.all(Array.from({ length: order.connections }, loop));
  }
  await pool.close();
  return { sent, refused, seconds: (performance.now() - started) / 1_000 };
}

process.on('message', (order: LoadOrder) => {
  run(order).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
