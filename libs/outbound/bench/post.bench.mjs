// CPU per POST on loopback http: this library beside a bare undici Pool. Usage: node bench/post.bench.mjs [posts] [in flight]
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { GuardedConnector, Sender, TargetGuard } from '../dist/index.js';

if (process.argv[2] === 'sink') {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end('ok'));
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
} else {
  await main(Number(process.argv[2] ?? 30_000), Number(process.argv[3] ?? 64));
}

async function main(posts, inFlight) {
  const sink = fork(new URL(import.meta.url).pathname, ['sink']);
  const port = await new Promise((resolve) => sink.once('message', resolve));
  const body = JSON.stringify({ event: 'incoming_message', device: 'bench', text: 'x'.repeat(400) });
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': 'Kirisan-Webhook/1.0',
    'X-Kirisan-Event': 'incoming_message',
    'X-Kirisan-Device': 'bench',
    'webhook-id': 'bench-0000000000000000',
  };
  const guard = new TargetGuard({ allowHttp: true, allow: ['127.0.0.1'] });
  const sender = new Sender({ connector: new GuardedConnector({ guard }) });
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: inFlight });
  const url = `http://127.0.0.1:${port}/hook`;
  const ways = {
    sender: async () => {
      const result = await sender.post({ url, headers, body, timeoutMs: 30_000 });
      if (result.httpStatus !== 200) throw new Error(JSON.stringify(result));
    },
    'undici Pool': async () => {
      const { body: answer } = await pool.request({ path: '/hook', method: 'POST', headers, body });
      await answer.text();
    },
  };
  for (const way of Object.values(ways)) await run(way, posts / 3, inFlight);
  for (let round = 1; round <= 3; round++) {
    for (const [name, way] of Object.entries(ways)) report(name, await run(way, posts, inFlight), posts);
  }
  console.log(sender.stats());
  await Promise.all([sender.close(), pool.close()]);
  sink.kill();
}

async function run(way, posts, inFlight) {
  let left = posts;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const lane = async () => {
    while (left-- > 0) await way();
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMicros: user + system, ms: performance.now() - start };
}

function report(name, { cpuMicros, ms }, posts) {
  console.log(
    `${name}: ${(cpuMicros / posts).toFixed(1)} µs CPU a POST, ${Math.round((posts / ms) * 1_000)} POSTs/s`,
  );
}
