import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceSpec } from '../services.js';

/** Answers readiness, shows its environment, and on SIGTERM ends in its own time. */
const MAIN = `
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
const server = createServer((request, response) => {
  if (request.url === '/env') response.end(JSON.stringify(process.env));
  else if (request.url === '/exit') process.exit(3);
  else response.writeHead(request.url === '/health/ready' ? 200 : 404).end('{}');
});
server.listen(Number(process.env.PORT), process.env.HOST);
console.log(JSON.stringify({ level: 30, time: 0, msg: 'listening', port: process.env.PORT }));
process.on('SIGINT', () => console.log('got SIGINT'));
process.on('SIGTERM', async () => {
  console.log('got SIGTERM');
  await sleep(Number(process.env.DUMMY_STOP_MS ?? 0));
  console.log('finished');
  process.exit(0);
});
`;

const MIGRATE = `
console.log('migrating as ' + process.env.NATS_USER);
process.exit(Number(process.env.DUMMY_MIGRATE_EXIT ?? 0));
`;

/** Writes an app without content into `apps`, and returns what the services' table would hold. */
function dummyService(apps: string, name: string, more: Partial<ServiceSpec> = {}): ServiceSpec {
  const folder = join(apps, name);
  mkdirSync(join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, type: 'module' }));
  writeFileSync(join(folder, 'dist', 'main.js'), MAIN);
  if (more.migration) writeFileSync(join(folder, more.migration), MIGRATE);
  return { name, folder, entry: 'dist/main.js', ...more };
}

/** A registry with a schema, a router and one channel. */
export function dummyServices(apps: string): ServiceSpec[] {
  const database = { role: 'registry', schema: 'registry' };
  return [
    dummyService(apps, 'registry', { migration: 'dist/migrate.js', database }),
    dummyService(apps, 'router'),
    dummyService(apps, 'ingestor-demo'),
  ];
}
