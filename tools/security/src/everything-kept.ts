import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsLogin, type RunningStack } from '@kirisan/local-stack';
import { connectNats, Messaging } from '@kirisan/messaging';
import pg from 'pg';

/** Reads everything that a stack keeps, writes or answers, as text. */

/** Every row of every table, in every schema but PostgreSQL's own. */
export async function databaseDump(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const lines: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ line: string }>(`SELECT t::text AS line FROM ${name} t`);
      lines.push(...rows.map(({ line }) => `${name} ${line}`));
    }
    return lines.join('\n');
  } finally {
    await client.end();
  }
}

/** Every file under the stack's `logs`, of services and servers. */
export function logFiles(dir: string): Record<string, string> {
  const logs = join(dir, 'logs');
  return Object.fromEntries(
    readdirSync(logs).map((name) => [name, readFileSync(join(logs, name), 'latin1')]),
  );
}

export async function connectAsAdmin(running: RunningStack): Promise<Messaging> {
  const { servers, user, pass } = natsLogin(running.stack.natsUrl);
  return new Messaging(
    await connectNats({ natsUrl: servers, natsUser: user ?? '', natsPassword: pass ?? '' }),
  );
}

/** Everything that travels on NATS from now on: requests, replies, streams, buckets. */
export function wireTap(admin: Messaging): string[] {
  const seen: string[] = [];
  admin.nc.subscribe('>', {
    callback: (_error, { subject, headers, data }) => {
      const head = headers
        ? [...headers].map(([name, values]) => `${name}: ${values.join()}`).join('\n')
        : '';
      seen.push(`${subject}\n${head}\n${Buffer.from(data).toString('latin1')}`);
    },
  });
  return seen;
}

/** Every message that lies in a stream or bucket. */
export async function streamsDump(admin: Messaging): Promise<string> {
  const manager = await admin.manager();
  const texts: string[] = [];
  for await (const { config, state } of manager.streams.list()) {
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage(config.name, { seq }).catch(() => null);
      if (message)
        texts.push(`${config.name} ${message.subject} ${Buffer.from(message.data).toString('latin1')}`);
    }
  }
  return texts.join('\n');
}

/** The answer of every GET of an internal API: lists, details of what they list, documents, metrics. */
export async function everyAnswer(base: string, token: string): Promise<string[]> {
  const get = async (path: string) => {
    const response = await fetch(base + path, { headers: { authorization: `Bearer ${token}` } });
    return `${path} ${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`;
  };
  const document = await get('/openapi.json');
  const { paths } = JSON.parse(document.slice(document.indexOf('{'))) as { paths: Record<string, object> };
  const readable = Object.keys(paths).filter((path) => 'get' in paths[path]!);
  const lists = await Promise.all(readable.filter((path) => !path.includes('{')).map((path) => get(path)));
  const ids = new Set(lists.flatMap((text) => [...text.matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id!)));
  const details = readable
    .filter((path) => path.endsWith('{id}'))
    .flatMap((path) => [...ids].map((id) => path.replace('{id}', id)));
  const answers = [document, ...lists, await get('/metrics'), await get('/health/ready')];
  for (const path of details) answers.push(await get(path));
  return answers;
}
