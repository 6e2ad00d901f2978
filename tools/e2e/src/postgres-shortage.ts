import pg from 'pg';

/**
 * Cuts off every role of the services and refuses them new connections, with the error code of a server that has none
 * left (53300). Resolves with how to end this.
 */
export async function takeEveryConnection(superuserUrl: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  const { rows } = await client.query<{ rolname: string }>(
    'SELECT rolname FROM pg_roles WHERE rolcanlogin AND NOT rolsuper',
  );
  const limit = async (connections: number) => {
    for (const { rolname } of rows) {
      await client.query(`ALTER ROLE ${client.escapeIdentifier(rolname)} CONNECTION LIMIT ${connections}`);
    }
  };
  await limit(0);
  await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY ($1)', [
    rows.map(({ rolname }) => rolname),
  ]);
  return async () => {
    await limit(-1);
    await client.end();
  };
}
