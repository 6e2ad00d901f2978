import pg from 'pg';
import type { SchemaOwner } from '../services.js';

const DATABASE = 'kirisan';

/** Makes the stack's database if it is missing and returns its URL. */
export async function ensureDatabase(url: string): Promise<string> {
  await withClient(url, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  });
  const own = new URL(url);
  own.pathname = `/${DATABASE}`;
  return own.href;
}

/** Makes each role and the schema that it owns, or brings them to this state, and returns the URL of each role. */
export async function ensureOwners(
  url: string,
  owners: readonly SchemaOwner[],
  passwordOf: (role: string) => string,
): Promise<Record<string, string>> {
  const urls: Record<string, string> = {};
  await withClient(url, async (client) => {
    for (const { role, schema } of owners) {
      const password = passwordOf(role);
      await client.query(ownerSql(client, role, schema, password));
      urls[role] = urlOf(url, role, password);
    }
  });
  return urls;
}

/** What is left to do for somebody else's database whose user may not make roles. */
export async function ensureSchemas(url: string, owners: readonly SchemaOwner[]): Promise<void> {
  await withClient(url, async (client) => {
    for (const { schema } of owners) {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${client.escapeIdentifier(schema)}`);
    }
  });
}

/** Several statements in one query are one transaction. */
function ownerSql(client: pg.Client, role: string, schema: string, password: string): string {
  const [roleName, schemaName] = [client.escapeIdentifier(role), client.escapeIdentifier(schema)];
  return `
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${client.escapeLiteral(role)}) THEN
        CREATE ROLE ${roleName} LOGIN;
      END IF;
    END $$;
    ALTER ROLE ${roleName} PASSWORD ${client.escapeLiteral(password)};
    ALTER ROLE ${roleName} SET search_path = ${schemaName};
    CREATE SCHEMA IF NOT EXISTS ${schemaName} AUTHORIZATION ${roleName};`;
}

function urlOf(url: string, role: string, password: string): string {
  const own = new URL(url);
  own.username = role;
  own.password = password;
  return own.href;
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
