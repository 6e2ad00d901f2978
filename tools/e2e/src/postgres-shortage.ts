import pg from 'pg';

const SETTLED_MS = 300;

/** Takes every connection that a PostgreSQL has, also those of others, and resolves with how to give them back. */
export async function takeEveryConnection(superuserUrl: string): Promise<() => Promise<void>> {
  const taken: pg.Client[] = [];
  await takeFree(superuserUrl, taken);
  // Whoever is cut off here finds no place any more.
  for (let others = 1; others > 0;) {
    others = await cutOffOthers(taken);
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    await takeFree(superuserUrl, taken);
  }
  return async () => void (await Promise.all(taken.map((client) => client.end())));
}

async function takeFree(connectionString: string, taken: pg.Client[]): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString, application_name: 'shortage' });
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch {
      return;
    }
    taken.push(client);
  }
}

async function cutOffOthers([client]: pg.Client[]): Promise<number> {
  const { rows } = await client!.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE backend_type = 'client backend' AND application_name <> 'shortage'`,
  );
  return rows.length;
}
