/** @file The life of a run in the database. Every change of status is made here, after store/transitions.ts, and rings in its own transaction. */
import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm';
import type { Connection, Database } from '#drizzle/client.ts';
import { checkpoints, heads, runLogs, runs } from '#drizzle/schema.ts';
import type { ClaimAnswer, Desired, HeartbeatRequest, LogLine, ReportRequest, Status } from '#core/protocol.ts';
import type { Spec } from '#core/spec.ts';
import { ring } from '../live/ring.ts';
import type { QueuedRun } from '../queue.ts';
import { refuse } from '../refusal.ts';
import type { Services } from '../services.ts';
import { after, ended, happeningOf, held, maxFailures } from './transitions.ts';
import type { Happening } from './transitions.ts';

export type RunRow = typeof runs.$inferSelect;
type Carrier = Pick<Services, 'client' | 'queue'>;

/** The run belongs to another worker or attempt, or has ended: the worker must drop it. */
export class Fenced extends Error {}

const logMax = { lines: 2_000, text: 2_000 } as const;

const ringRun = (tx: Connection, run: Pick<RunRow, 'experimentId'>, ...more: string[]) =>
  ring(tx, `experiment:${run.experimentId}`, ...more);

async function lock(tx: Connection, id: string): Promise<RunRow | undefined> {
  const [run] = await tx.select().from(runs).where(eq(runs.id, id)).for('no key update');
  return run;
}

async function set(tx: Connection, id: string, values: Partial<RunRow>): Promise<RunRow> {
  const [run] = await tx.update(runs).set(values).where(eq(runs.id, id)).returning();
  return run!;
}

async function writeLog(tx: Connection, runId: string, lines: readonly LogLine[]): Promise<void> {
  if (lines.length === 0) return;
  await tx.insert(runLogs).values(
    lines.map(({ at, level, text }) => {
      const date = new Date(at);
      return { runId, at: Number.isNaN(date.getTime()) ? new Date() : date, level, text: text.replaceAll('\0', '').slice(0, logMax.text) };
    }),
  );
  const old = tx.select({ id: runLogs.id }).from(runLogs).where(eq(runLogs.runId, runId)).orderBy(desc(runLogs.id)).offset(logMax.lines);
  await tx.delete(runLogs).where(and(eq(runLogs.runId, runId), inArray(runLogs.id, old)));
}

export async function readLog(db: Connection, runId: string, last: number) {
  const rows = await db.select().from(runLogs).where(eq(runLogs.runId, runId)).orderBy(desc(runLogs.id)).limit(last);
  return rows.reverse();
}

/** What people ask of a run, or of every run of an experiment. A single run that cannot do it is refused with the reason. */
export function askOf(
  { client, queue }: Carrier,
  target: { runId: string } | { experimentId: string },
  desired: Desired,
): Promise<RunRow[]> {
  const one = 'runId' in target;
  return client.db.transaction(async (tx) => {
    const rows = await tx
      .select()
      .from(runs)
      .where(one ? eq(runs.id, target.runId) : eq(runs.experimentId, target.experimentId))
      .orderBy(asc(runs.position))
      .for('no key update');
    const happening = happeningOf[desired];
    const jobs: QueuedRun[] = [];
    const changed: RunRow[] = [];
    for (const run of rows) {
      const next = after(run.status, happening);
      if (next === null) {
        if (one) refuse(`a run that has ${run.status} cannot ${happening}`, 'CONFLICT');
        continue;
      }
      if (next === run.status) {
        changed.push(await set(tx, run.id, held.includes(run.status) ? { desired } : {}));
      } else if (next === 'queued') {
        const job = crypto.randomUUID();
        jobs.push({ runId: run.id, job, position: run.position });
        changed.push(await set(tx, run.id, { status: next, desired: 'run', reason: null, endedAt: null, failures: 0, worker: null, job }));
      } else {
        changed.push(
          await set(tx, run.id, {
            status: next,
            desired,
            reason: `${next} by a person${run.status === 'stalled' ? ' while its worker was silent' : ''}`,
            endedAt: ended.includes(next) ? new Date() : null,
          }),
        );
      }
    }
    await queue.enqueue(tx, jobs);
    if (rows[0]) await ringRun(tx, rows[0], ...(jobs.length > 0 ? ['queue'] : []));
    return changed;
  });
}

/** Gives the run of a job to a worker. Null where the job is stale: the run was paused, stopped, deleted, or is another job's. */
export function take(db: Database, { runId, job, worker }: { runId: string; job: string; worker: string }): Promise<ClaimAnswer['run']> {
  return db.transaction(async (tx) => {
    const run = await lock(tx, runId);
    const status = run && after(run.status, 'claim');
    if (!run || !status) return null;
    const attempt = run.attempt + 1;
    const [checkpoint] = await tx.select({ step: checkpoints.step }).from(checkpoints).where(eq(checkpoints.runId, runId));
    const stored = await tx.select({ metric: heads.metric, nextSeq: heads.nextSeq }).from(heads).where(eq(heads.runId, runId));
    const step = checkpoint?.step ?? 0;
    await set(tx, runId, {
      status,
      attempt,
      worker,
      job,
      desired: 'run',
      step,
      reason: null,
      heartbeatAt: new Date(),
      startedAt: run.startedAt ?? new Date(),
      endedAt: null,
    });
    if (attempt > 1)
      await writeSeam(tx, runId, attempt, step, run.reason ?? (checkpoint ? 'resumed from the checkpoint' : 'started again'));
    await ringRun(tx, run);
    return {
      id: runId,
      attempt,
      spec: run.spec as Spec,
      checkpointStep: checkpoint?.step ?? null,
      nextSeq: Object.fromEntries(stored.map(({ metric, nextSeq }) => [metric, nextSeq])),
    };
  });
}

/** Buckets over rows that no longer count go with it; windows.ts keeps none of an older attempt. */
async function writeSeam(tx: Connection, runId: string, attempt: number, step: number, reason: string): Promise<void> {
  await tx.execute(sql`
    insert into seams (run_id, attempt, step, reason) values (${runId}, ${attempt}, ${step}, ${reason.slice(0, 500)})
    on conflict (run_id, attempt) do update set step = excluded.step, reason = excluded.reason`);
  await tx.execute(sql`delete from buckets where run_id = ${runId} and end_step > ${step}`);
  await tx.execute(sql`update runs set sparkline_step = null where id = ${runId}`);
}

/** The worker lives; and what is wanted of it. */
export function heartbeat(
  db: Database,
  { worker, run: runId, attempt }: HeartbeatRequest,
): Promise<{ desired: Desired; job: string | null }> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`update workers set seen_at = now() where id = ${worker}`);
    if (runId === null) return { desired: 'run', job: null };
    const rows = await tx
      .update(runs)
      .set({ heartbeatAt: sql`now()` })
      .where(and(eq(runs.id, runId), eq(runs.worker, worker), eq(runs.attempt, attempt ?? -1), inArray(runs.status, [...held])))
      .returning();
    const run = rows[0];
    if (!run) throw new Fenced(`run ${runId} is not held by worker ${worker}, attempt ${attempt}`);
    if (run.status === 'stalled') {
      await set(tx, runId, { status: 'running', reason: null });
      await ringRun(tx, run);
    }
    return { desired: run.desired, job: run.job };
  });
}

const happeningOfReport: Readonly<Record<NonNullable<ReportRequest['status']>, Happening | null>> = {
  running: 'heard',
  paused: 'paused',
  diverged: 'diverged',
  stopped: 'stopped',
  finished: 'finished',
  // Handled before: a crash is an attempt lost.
  crashed: null,
  queued: 'release',
};

export interface Reported {
  readonly desired: Desired;
  /** The job to settle, where the worker is done with the run. */
  readonly done: string | null;
}

/** What a worker says of its run. A crash is an attempt lost: the run is queued again, up to `maxFailures`. */
export function report({ client, queue }: Carrier, message: ReportRequest): Promise<Reported> {
  return client.db.transaction(async (tx) => {
    const run = await lock(tx, message.run);
    const mine = run && run.worker === message.worker && run.attempt === message.attempt;
    // A repeated last word (its answer was lost on the way) is taken again; a released run has no worker any more and answers "fenced".
    if (mine && message.status === run.status && !held.includes(run.status)) return { desired: run.desired, done: null };
    if (!mine || !held.includes(run.status))
      throw new Fenced(`run ${message.run} is not held by worker ${message.worker}, attempt ${message.attempt}`);

    await writeLog(tx, run.id, message.log ?? []);
    if (message.seam) await writeSeam(tx, run.id, run.attempt, message.seam.step, message.seam.reason);
    const { finals = run.facts.finals, ...facts } = message.facts ?? {};
    const values: Partial<RunRow> = {
      heartbeatAt: new Date(),
      facts: { ...run.facts, ...facts },
      ...(finals ? { finals } : {}),
      // Rewound by a seam, never by a late report.
      ...(message.step === undefined ? {} : { step: message.seam ? message.step : Math.max(run.step, message.step) }),
    };
    if (message.status === 'crashed') {
      await set(tx, run.id, values);
      await lose(tx, queue, { ...run, ...values }, message.reason ?? 'the worker gave no reason');
      return { desired: 'stop', done: run.job };
    }
    const happening = message.status ? happeningOfReport[message.status]! : 'heard';
    const status = after(run.status, happening)!;
    const over = !held.includes(status);
    const job = crypto.randomUUID();
    await set(tx, run.id, {
      ...values,
      status,
      reason: over
        ? (message.reason ?? (status === 'queued' ? 'its worker was shut down' : null))
        : run.status === 'stalled'
          ? null
          : run.reason,
      ...(status === 'queued' ? { job, worker: null } : {}),
      ...(ended.includes(status) ? { endedAt: new Date() } : {}),
      ...(status === 'finished' ? { step: run.steps } : {}),
    });
    if (status === 'queued') await queue.enqueue(tx, [{ runId: run.id, job, position: run.position }]);
    await ringRun(tx, run, ...(over ? [`run:${run.id}`] : []), ...(status === 'queued' ? ['queue'] : []));
    return { desired: run.desired, done: over ? run.job : null };
  });
}

/** An attempt is lost: the run goes back to the queue, to be continued from its checkpoint, or is given up. The caller holds the row's lock. */
async function lose(tx: Connection, queue: Services['queue'], run: RunRow, reason: string): Promise<Status> {
  const failures = run.failures + 1;
  const given = failures >= maxFailures;
  // Whoever waits for a pause or a stop has it now.
  const wanted: Status | null = run.desired === 'pause' ? 'paused' : run.desired === 'stop' ? 'stopped' : null;
  const status = wanted ?? after(run.status, given ? 'giveUp' : 'requeue')!;
  const job = crypto.randomUUID();
  await writeLog(tx, run.id, [{ at: new Date().toISOString(), level: 'error', text: `attempt ${run.attempt} was lost: ${reason}` }]);
  await set(tx, run.id, {
    status,
    failures,
    reason: given && !wanted ? `given up after ${failures} attempts; the last: ${reason}` : `attempt ${run.attempt} was lost: ${reason}`,
    worker: status === 'queued' ? null : run.worker,
    ...(status === 'queued' ? { job } : {}),
    ...(ended.includes(status) ? { endedAt: new Date() } : {}),
  });
  if (status === 'queued') await queue.enqueue(tx, [{ runId: run.id, job, position: run.position }]);
  await ringRun(tx, run, `run:${run.id}`, ...(status === 'queued' ? ['queue'] : []));
  return status;
}

/** Takes runs from workers that are known to be gone. */
export async function loseRuns({ client, queue }: Carrier, ids: readonly string[], worker: string | null, reason: string): Promise<void> {
  for (const id of ids) {
    const job = await client.db.transaction(async (tx) => {
      const run = await lock(tx, id);
      if (!run || !held.includes(run.status) || (worker !== null && run.worker !== worker)) return null;
      await lose(tx, queue, run, reason);
      return run.job;
    });
    if (job) await queue.settle(job);
  }
}

/** Silent workers: their runs are stalled after `stalledMs`, lost after `leaseMs`. Safe to run in several servers at once. */
export async function sweep({ client, queue }: Carrier, { stalledMs, leaseMs }: { stalledMs: number; leaseMs: number }): Promise<void> {
  await client.db.transaction(async (tx) => {
    const silent = await tx
      .update(runs)
      .set({ status: 'stalled', reason: `its worker has been silent for ${Math.round(stalledMs / 1000)} s` })
      .where(and(eq(runs.status, 'running'), sql`${runs.heartbeatAt} < now() - make_interval(secs => ${stalledMs / 1000})`))
      .returning({ id: runs.id, experimentId: runs.experimentId });
    await ring(tx, ...new Set(silent.map(({ experimentId }) => `experiment:${experimentId}`)));
  });
  const lost = await client.db
    .select({ id: runs.id, worker: runs.worker })
    .from(runs)
    .where(and(inArray(runs.status, [...held]), sql`${runs.heartbeatAt} < now() - make_interval(secs => ${leaseMs / 1000})`));
  for (const { id, worker } of lost)
    await loseRuns({ client, queue }, [id], worker, `its worker was silent for ${Math.round(leaseMs / 1000)} s`);
}
