import { Pool } from 'undici';

// The measure of everything: what a POST of the same size to the same sink costs a process that does nothing else.
const BODY = JSON.stringify({ text: 'x'.repeat(700) });

async function run(url: string, count: number): Promise<number> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 64 });
  let left = count;
  const loop = async () => {
    while (left-- > 0) {
      const response = await pool.request({
        path: pathname,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: BODY,
      });
      await response.body.text();
    }
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: 64 }, loop));
  const { user, system } = process.cpuUsage(before);
  await pool.close();
  return (user + system) / count;
}

process.on('message', ({ url, count }: { url: string; count: number }) => {
  void run(url, 2_000)
    .then(() => run(url, count))
    .then((micros) => process.send?.({ micros }));
});
