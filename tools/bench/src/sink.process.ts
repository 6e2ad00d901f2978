import { createServer, type ServerResponse } from 'node:http';

// A receiver in a process of its own, so that its CPU is counted to nobody. It answers at once and keeps when each
// message came, by the number that the load generator wrote into its text. What it is told to hold it does not answer.
export type SinkOrder = { ask: 'arrivals' } | { ask: 'hold'; held: 'nothing' | 'slow' | 'all' };

let arrivals = new Map<number, number>();
let held: 'nothing' | 'slow' | 'all' = 'nothing';
let waiting: ServerResponse[] = [];

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const number = /"text":"bench (\d+) /.exec(Buffer.concat(chunks).toString('latin1'))?.[1];
    if (number !== undefined) arrivals.set(Number(number), Date.now());
    if (held === 'all' || (held === 'slow' && request.url === '/slow')) waiting.push(response);
    else answer(response);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));

process.on('message', (order: SinkOrder) => {
  if (order.ask === 'arrivals') {
    process.send?.({ arrivals: [...arrivals], waiting: waiting.length });
    arrivals = new Map();
    return;
  }
  held = order.held;
  process.send?.({ answered: waiting.length });
  for (const response of waiting) answer(response);
  waiting = [];
});

process.on('disconnect', () => process.exit());

function answer(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end('{"ok":true}');
}
