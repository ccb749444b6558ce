/** @file Experiments: created with their runs and the queue's jobs in one transaction, listed, summed up. */
import { and, desc, eq, ilike, inArray, or, sql, type SQL } from 'drizzle-orm';
import type { Connection } from '#drizzle/client.ts';
import { experiments, heads, runs } from '#drizzle/schema.ts';
import type { Status } from '#core/protocol.ts';
import { statuses } from '#core/protocol.ts';
import { ring } from '../live/ring.ts';
import type { Services } from '../services.ts';
import { newId } from './ids.ts';
import { ended } from './transitions.ts';

export type ExperimentRow = typeof experiments.$inferSelect;

export interface RunCount {
  readonly experimentId: string;
  readonly status: Status;
  readonly count: number;
  readonly steps: number;
  readonly done: number;
}

export const runCounts = (db: Connection, ids: string[]): Promise<RunCount[]> =>
  db
    .select({
      experimentId: runs.experimentId,
      status: runs.status,
      count: sql<number>`count(*)::int`,
      steps: sql<number>`sum(${runs.steps})`,
      done: sql<number>`sum(least(${runs.step}, ${runs.steps}))`,
    })
    .from(runs)
    .where(inArray(runs.experimentId, ids))
    .groupBy(runs.experimentId, runs.status);

/** What is going on rules; where all has ended, the worst end does. */
const precedence: readonly Status[] = ['running', 'stalled', 'queued', 'paused', 'crashed', 'diverged', 'stopped', 'finished'];

export function summarize(counts: readonly RunCount[]): { status: Status; counts: Partial<Record<Status, number>>; progress: number } {
  const byStatus = Object.fromEntries(
    statuses.flatMap((status) => counts.filter((row) => row.status === status).map((row) => [status, row.count])),
  );
  const steps = counts.reduce((sum, row) => sum + row.steps, 0);
  const done = counts.reduce((sum, row) => sum + (ended.includes(row.status) ? row.steps : row.done), 0);
  return { status: precedence.find((status) => byStatus[status]) ?? 'finished', counts: byStatus, progress: steps > 0 ? done / steps : 1 };
}

/** Rows per INSERT: a spec is a few kilobytes, and PostgreSQL takes 65,535 parameters a statement. */
const insertRows = 200;

export async function createExperiment(
  { client, subject, queue }: Pick<Services, 'client' | 'subject' | 'queue'>,
  {
    title,
    question,
    authorId,
    ...of
  }: { title: string; question: string; authorId: string | null } & ({ spec: unknown; grid: unknown } | { specs: readonly unknown[] }),
): Promise<ExperimentRow> {
  const plan = 'specs' in of ? await subject.planList(of.specs) : await subject.plan(of.spec, of.grid);
  return client.db.transaction(async (tx) => {
    const [experiment] = await tx
      .insert(experiments)
      .values({ id: newId(), title, question, spec: plan.spec, grid: plan.grid, authorId })
      .returning();
    const rows = plan.runs.map((run, position) => ({
      ...run,
      id: newId(),
      job: crypto.randomUUID(),
      position,
      experimentId: experiment!.id,
    }));
    for (let at = 0; at < rows.length; at += insertRows) await tx.insert(runs).values(rows.slice(at, at + insertRows));
    await queue.enqueue(
      tx,
      rows.map(({ id, job, position }) => ({ runId: id, job, position })),
    );
    await ring(tx, `experiment:${experiment!.id}`, 'queue');
    return experiment!;
  });
}

export async function listExperiments(
  db: Connection,
  { filter, first, after }: { filter?: string | null; first: number; after?: string | null },
): Promise<ExperimentRow[]> {
  const pattern = filter?.trim()
    ? `%${filter
        .trim()
        .slice(0, 200)
        .replace(/[\\%_]/g, '\\$&')}%`
    : null;
  // Compared inside the database: a Date would cut the microseconds off.
  const last = after ? sql`(select e.created_at, e.id from experiments e where e.id = ${after})` : null;
  return db
    .select()
    .from(experiments)
    .where(
      and(
        pattern ? or(ilike(experiments.title, pattern), ilike(experiments.question, pattern)) : undefined,
        last ? sql`(${experiments.createdAt}, ${experiments.id}) < ${last}` : undefined,
      ),
    )
    .orderBy(desc(experiments.createdAt), desc(experiments.id))
    .limit(first);
}

const experimentsWith = (db: Connection, condition: SQL, first: number): Promise<{ experiment: ExperimentRow; runs: number }[]> =>
  db
    .select({ experiment: experiments, runs: sql<number>`count(*)::int` })
    .from(runs)
    .innerJoin(experiments, eq(experiments.id, runs.experimentId))
    .where(condition)
    .groupBy(experiments.id)
    .orderBy(desc(experiments.createdAt), desc(experiments.id))
    .limit(first);

/** The newest experiments with runs of such a spec, each with how many: `{ optimizer: { kind: 'adam' } }`. */
export const experimentsLike = (db: Connection, part: object, first: number) =>
  experimentsWith(db, sql`${runs.spec} @> ${JSON.stringify(part)}::jsonb`, first);

/** The newest experiments with runs that hold rows of a metric. */
export const experimentsRecording = (db: Connection, metric: string, first: number) =>
  experimentsWith(
    db,
    sql`exists (select 1 from ${heads} where ${heads.runId} = ${runs.id} and ${heads.metric} = ${metric} and ${heads.rows} > 0)`,
    first,
  );

export function updateExperiment(
  { client }: Services,
  id: string,
  values: { title?: string; question?: string },
): Promise<ExperimentRow | null> {
  return client.db.transaction(async (tx) => {
    const [row] = await tx
      .update(experiments)
      .set({ ...values, updatedAt: new Date() })
      .where(eq(experiments.id, id))
      .returning();
    if (row) await ring(tx, `experiment:${id}`);
    return row ?? null;
  });
}

export function deleteExperiment({ client }: Services, id: string): Promise<boolean> {
  return client.db.transaction(async (tx) => {
    const keys = await tx.select({ id: runs.id }).from(runs).where(eq(runs.experimentId, id));
    const [row] = await tx.delete(experiments).where(eq(experiments.id, id)).returning({ id: experiments.id });
    if (row) await ring(tx, `experiment:${id}`, `annotations:${id}`, ...keys.map((run) => `run:${run.id}`));
    return row !== undefined;
  });
}
