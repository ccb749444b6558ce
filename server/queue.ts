/**
 * @file The queue: pg-boss, in the same database. A job says only "this run wants a worker"; the run's row is the truth, so a job too
 * many is settled and forgotten, and a job whose server died between fetching and giving it out is retried after its heartbeat lapses.
 */
import { sql } from 'drizzle-orm';
import { fromDrizzle, PgBoss } from 'pg-boss';
import type { Connection } from '#drizzle/client.ts';

export interface QueuedRun {
  readonly runId: string;
  readonly job: string;
  /** Of the run in its experiment: first runs of all experiments go before second ones, so that a large sweep does not keep a small one waiting. */
  readonly position: number;
}

export interface Queue {
  /** In the transaction that makes the runs: both or neither. */
  enqueue(tx: Connection, runs: readonly QueuedRun[]): Promise<void>;
  next(): Promise<{ runId: string; job: string } | null>;
  /** The worker lives. */
  touch(job: string): Promise<void>;
  settle(job: string): Promise<void>;
  close(): Promise<void>;
}

const name = 'runs';
/** pg-boss's own lease; the server's sweeper is quicker and this is its net. */
const heartbeatSeconds = 60;
const day = 24 * 3600;
const batch = 500;

export async function createQueue(url: string, log: (line: string) => void): Promise<Queue> {
  const boss = new PgBoss({
    connectionString: url,
    max: 3,
    schema: 'pgboss',
    application_name: 'plateau queue',
    schedule: false,
    monitorIntervalSeconds: 15,
    warningQueueSize: 100_000,
  });
  let closing = false;
  boss.on('error', (error) => closing || log(`queue: ${(error as Error).message}`));
  await boss.start();
  const options = { heartbeatSeconds, retryLimit: 10, expireInSeconds: day, retentionSeconds: 365 * day, deleteAfterSeconds: day };
  if (await boss.getQueue(name)) await boss.updateQueue(name, options);
  else await boss.createQueue(name, options);

  return {
    async enqueue(tx, runs) {
      const db = fromDrizzle(tx as Parameters<typeof fromDrizzle>[0], sql as unknown as Parameters<typeof fromDrizzle>[1]);
      for (let at = 0; at < runs.length; at += batch) {
        const jobs = runs.slice(at, at + batch).map(({ runId, job, position }) => ({ id: job, data: { runId }, priority: -position }));
        await boss.insert(name, jobs, { db });
      }
    },
    async next() {
      const [job] = await boss.fetch<{ runId: string }>(name);
      return job ? { runId: job.data.runId, job: job.id } : null;
    },
    async touch(job) {
      await boss.touch(name, job);
    },
    async settle(job) {
      await boss.complete(name, job, null, { includeQueued: true });
    },
    async close() {
      closing = true;
      await boss.stop({ graceful: true, close: true, timeout: 2_000 });
    },
  };
}
