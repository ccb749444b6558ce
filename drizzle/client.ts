/** @file The one connection to the database: a pool, Drizzle on it, and the migrations. Nothing else reads connection settings. */
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import * as tables from './schema.ts';

export type Database = NodePgDatabase<typeof tables>;
/** A transaction or the database itself. */
export type Connection = Pick<
  Database,
  'select' | 'insert' | 'update' | 'delete' | 'execute' | 'query' | '$with' | 'with' | 'selectDistinct'
>;

export interface Client {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly db: Database;
  close(): Promise<void>;
}

/** An arbitrary number that every Plateau server takes as the lock's key. */
const migrationLock = 7_528_283;
const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url));

export function connect(url: string, { max = 12, onError = (_: Error) => {} } = {}): Client {
  const pool = new pg.Pool({ connectionString: url, max, connectionTimeoutMillis: 10_000, application_name: 'plateau', keepAlive: true });
  // An idle connection that dies (the database was killed) is reported here; without a listener it would end the process.
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError));
  return { url, pool, db: drizzle(pool, { schema: tables }), close: () => pool.end() };
}

export type SingleConnection = pg.Client;

/** One connection outside the pool, not yet connected: to listen, or to ask whether anybody answers. Errors after the connection are the caller's `error` event. */
export function singleConnection(url: string, { timeoutMs = 5_000, name = 'plateau' } = {}): SingleConnection {
  const client = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: timeoutMs, application_name: name });
  client.on('error', () => {});
  return client;
}

/** Drizzle's migrator takes no lock: two servers starting on one database would race. */
export async function migrate({ url }: { url: string }): Promise<void> {
  const client = singleConnection(url, { timeoutMs: 30_000 });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    // Its "schema already exists" notices are of no use to anyone.
    await client.query('set client_min_messages to warning');
    await applyMigrations(drizzle(client), { migrationsFolder });
    await client.query('select pg_advisory_unlock($1)', [migrationLock]);
  } finally {
    await client.end();
  }
}
