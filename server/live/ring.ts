/** @file Ringing: NOTIFY inside the transaction that changed something, so that nothing is rung before it is committed. Keys only. */
import { sql } from 'drizzle-orm';
import type { Connection } from '#drizzle/client.ts';

export const channel = 'plateau';

/**
 * Keys: `run:<id>` chunks were stored · `experiment:<id>` it or one of its runs changed · `annotations:<experiment id>` · `queue` there is work ·
 * `findings:<paper>` a measurement of one of its claims.
 */
export async function ring(tx: Connection, ...keys: string[]): Promise<void> {
  if (keys.length > 0) await tx.execute(sql`select pg_notify(${channel}, key) from unnest(${sql.param(keys)}::text[]) key`);
}
