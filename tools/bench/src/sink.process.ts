import { createServer } from 'node:http';

// A receiver in a process of its own, so that its CPU is counted to nobody. It answers at once and keeps when each
// message came, by the number that the load generator wrote into its text.
const arrivals = new Map<number, number>();
let posts = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    posts++;
    const number = /"text":"bench (\d+) /.exec(Buffer.concat(chunks).toString('latin1'))?.[1];
    if (number !== undefined) arrivals.set(Number(number), Date.now());
    if (request.url === '/hang') return;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"ok":true}');
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));

process.on('message', (message: { ask: 'posts' | 'arrivals' }) => {
  if (message.ask === 'posts') process.send?.({ posts });
  else {
    process.send?.({ arrivals: [...arrivals] });
    arrivals.clear();
  }
});
