/** @file Batching for one operation: all of one kind asked in the same turn is one query. */
import { asc, inArray } from 'drizzle-orm';
import type { Database } from '#drizzle/client.ts';
import { heads, people, runs, seams } from '#drizzle/schema.ts';
import { commentsOf, countsOf } from './annotations.ts';
import type { CommentRow } from './annotations.ts';
import { runCounts } from './experiments.ts';
import type { RunCount } from './experiments.ts';
import type { PersonRow } from './people.ts';
import type { RunRow } from './runs.ts';

export type HeadRow = typeof heads.$inferSelect;
export type SeamRow = typeof seams.$inferSelect;

export interface Loaders {
  runs(experimentId: string): Promise<RunRow[]>;
  counts(experimentId: string): Promise<RunCount[]>;
  annotationsCount(experimentId: string): Promise<number>;
  heads(runId: string): Promise<HeadRow[]>;
  seams(runId: string): Promise<SeamRow[]>;
  comments(annotationId: string): Promise<CommentRow[]>;
  person(id: string): Promise<PersonRow>;
}

function batch<V>(load: (keys: string[]) => Promise<Map<string, V>>, missing: (key: string) => V): (key: string) => Promise<V> {
  let asked: Map<string, { promise: Promise<V>; resolve: (value: V) => void; reject: (error: unknown) => void }> | null = null;
  return (key) => {
    if (!asked) {
      const mine = (asked = new Map());
      setImmediate(async () => {
        asked = null;
        try {
          const found = await load([...mine.keys()]);
          for (const [each, { resolve }] of mine) resolve(found.has(each) ? found.get(each)! : missing(each));
        } catch (error) {
          for (const { reject } of mine.values()) reject(error);
        }
      });
    }
    let entry = asked.get(key);
    if (!entry) asked.set(key, (entry = Promise.withResolvers<V>()));
    return entry.promise;
  };
}

function grouped<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  return Map.groupBy(rows, keyOf) as Map<string, T[]>;
}

export function createLoaders(db: Database): Loaders {
  const none = <T>(): T[] => [];
  return {
    runs: batch<RunRow[]>(
      async (ids) =>
        grouped(await db.select().from(runs).where(inArray(runs.experimentId, ids)).orderBy(asc(runs.position)), (row) => row.experimentId),
      none,
    ),
    counts: batch<RunCount[]>(async (ids) => grouped(await runCounts(db, ids), (row) => row.experimentId), none),
    annotationsCount: batch<number>(
      (ids) => countsOf(db, ids),
      () => 0,
    ),
    heads: batch<HeadRow[]>(
      async (ids) => grouped(await db.select().from(heads).where(inArray(heads.runId, ids)).orderBy(asc(heads.metric)), (row) => row.runId),
      none,
    ),
    seams: batch<SeamRow[]>(
      async (ids) =>
        grouped(await db.select().from(seams).where(inArray(seams.runId, ids)).orderBy(asc(seams.attempt)), (row) => row.runId),
      none,
    ),
    comments: batch<CommentRow[]>(async (ids) => grouped(await commentsOf(db, ids), (row) => row.annotationId), none),
    person: batch<PersonRow>(
      async (ids) => new Map((await db.select().from(people).where(inArray(people.id, ids))).map((row) => [row.id, row])),
      (id) => ({ id, name: null, secretHash: '', createdAt: new Date(0) }),
    ),
  };
}
