/** @file Annotations and comments. Only their author edits or deletes; anyone resolves. Every change rings in its own statement's transaction. */
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { Connection, Database } from '#drizzle/client.ts';
import { annotations, comments, experiments, runs } from '#drizzle/schema.ts';
import { ring } from '../live/ring.ts';
import type { Anchor } from './anchor.ts';
import { newId } from './ids.ts';

export type AnnotationRow = typeof annotations.$inferSelect;
export type CommentRow = typeof comments.$inferSelect;

const maxPerExperiment = 5_000;

export const list = (db: Connection, experimentId: string): Promise<AnnotationRow[]> =>
  db
    .select()
    .from(annotations)
    .where(eq(annotations.experimentId, experimentId))
    .orderBy(asc(annotations.createdAt), asc(annotations.id))
    .limit(maxPerExperiment);

const ringFor = (tx: Connection, experimentId: string) => ring(tx, `annotations:${experimentId}`, `experiment:${experimentId}`);

export function add(
  db: Database,
  values: { experimentId: string; runId: string | null; metric: string; anchor: Anchor; body: string; authorId: string },
): Promise<AnnotationRow | null> {
  return db.transaction(async (tx) => {
    const [experiment] = await tx.select({ id: experiments.id }).from(experiments).where(eq(experiments.id, values.experimentId));
    if (!experiment) return null;
    if (values.runId) {
      const run = await tx
        .select({ id: runs.id })
        .from(runs)
        .where(and(eq(runs.id, values.runId), eq(runs.experimentId, values.experimentId)));
      if (run.length === 0) return null;
    }
    const [added] = await tx
      .insert(annotations)
      .values({ id: newId(), ...values })
      .returning();
    await ringFor(tx, values.experimentId);
    return added!;
  });
}

async function change(db: Database, id: string, values: Partial<AnnotationRow>, authorId?: string): Promise<AnnotationRow | null> {
  return db.transaction(async (tx) => {
    const [row] = await tx
      .update(annotations)
      .set(values)
      .where(and(eq(annotations.id, id), authorId === undefined ? undefined : eq(annotations.authorId, authorId)))
      .returning();
    if (row) await ringFor(tx, row.experimentId);
    return row ?? null;
  });
}

export const edit = (db: Database, id: string, authorId: string, body: string) => change(db, id, { body, editedAt: new Date() }, authorId);

export const resolve = (db: Database, id: string, personId: string, resolved: boolean) =>
  change(db, id, { resolved, resolvedById: resolved ? personId : null });

export function remove(db: Database, id: string, authorId: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [row] = await tx
      .delete(annotations)
      .where(and(eq(annotations.id, id), eq(annotations.authorId, authorId)))
      .returning();
    if (row) await ringFor(tx, row.experimentId);
    return row !== undefined;
  });
}

async function ringThread(tx: Connection, annotationId: string) {
  const [row] = await tx.select({ experimentId: annotations.experimentId }).from(annotations).where(eq(annotations.id, annotationId));
  if (row) await ringFor(tx, row.experimentId);
}

export function addComment(db: Database, annotationId: string, authorId: string, body: string): Promise<CommentRow | null> {
  return db.transaction(async (tx) => {
    const [thread] = await tx.select({ id: annotations.id }).from(annotations).where(eq(annotations.id, annotationId)).for('key share');
    if (!thread) return null;
    const [row] = await tx.insert(comments).values({ id: newId(), annotationId, authorId, body }).returning();
    await ringThread(tx, annotationId);
    return row!;
  });
}

export function editComment(db: Database, id: string, authorId: string, body: string): Promise<CommentRow | null> {
  return db.transaction(async (tx) => {
    const [row] = await tx
      .update(comments)
      .set({ body, editedAt: new Date() })
      .where(and(eq(comments.id, id), eq(comments.authorId, authorId)))
      .returning();
    if (row) await ringThread(tx, row.annotationId);
    return row ?? null;
  });
}

export function removeComment(db: Database, id: string, authorId: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [row] = await tx
      .delete(comments)
      .where(and(eq(comments.id, id), eq(comments.authorId, authorId)))
      .returning();
    if (row) await ringThread(tx, row.annotationId);
    return row !== undefined;
  });
}

export const commentsOf = (db: Connection, ids: string[]): Promise<CommentRow[]> =>
  db.select().from(comments).where(inArray(comments.annotationId, ids)).orderBy(asc(comments.createdAt), asc(comments.id));

export const countsOf = async (db: Connection, experimentIds: string[]): Promise<Map<string, number>> => {
  const rows = await db
    .select({ id: annotations.experimentId, count: sql<number>`count(*)::int` })
    .from(annotations)
    .where(inArray(annotations.experimentId, experimentIds))
    .groupBy(annotations.experimentId);
  return new Map(rows.map(({ id, count }) => [id, count]));
};
