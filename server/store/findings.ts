/** @file Findings: measurements of claims. A row is the truth; the server that measures beats on it, and one that falls silent is replaced. */
import { and, desc, eq, lt, sql } from 'drizzle-orm';
import type { Budget, Verdict } from '#core/papers/claim.ts';
import type { FindingState } from '#core/protocol.ts';
import type { Client } from '#drizzle/client.ts';
import { findings } from '#drizzle/schema.ts';
import { ring } from '../live/ring.ts';
import { newId } from './ids.ts';

export type FindingRow = typeof findings.$inferSelect;

/** Of a paper, or of all, newest first. */
export const listFindings = ({ db }: Client, paper: string | null, limit = 200): Promise<FindingRow[]> =>
  db
    .select()
    .from(findings)
    .where(paper === null ? undefined : eq(findings.paper, paper))
    .orderBy(desc(findings.startedAt), desc(findings.id))
    .limit(limit);

export const readFinding = async ({ db }: Client, id: string): Promise<FindingRow | null> =>
  (await db.select().from(findings).where(eq(findings.id, id)))[0] ?? null;

export interface NewFinding {
  readonly paper: string;
  readonly claim: string;
  readonly budget: Budget;
  readonly seed: number;
  readonly trained: boolean;
  readonly by: string;
  readonly experimentId: string | null;
  readonly authorId: string | null;
}

/** The measurement that is going on with just these words and numbers, if there is one. */
export const readMeasuring = async (
  { db }: Client,
  { paper, claim, budget, seed }: Pick<NewFinding, 'paper' | 'claim' | 'budget' | 'seed'>,
): Promise<FindingRow | null> =>
  (
    await db
      .select()
      .from(findings)
      .where(
        and(
          eq(findings.paper, paper),
          eq(findings.claim, claim),
          eq(findings.budget, budget),
          eq(findings.seed, seed),
          eq(findings.state, 'measuring'),
        ),
      )
  )[0] ?? null;

export const createFinding = ({ db }: Client, values: NewFinding): Promise<FindingRow> =>
  db.transaction(async (tx) => {
    const [row] = await tx
      .insert(findings)
      .values({ id: newId(), ...values })
      .returning();
    await ring(tx, `findings:${values.paper}`);
    return row!;
  });

export interface FindingChange {
  readonly share?: number;
  readonly finding?: unknown;
  readonly state?: FindingState;
  readonly verdict?: Verdict;
  readonly reason?: string;
}

/** Also a beat. False where nobody is measuring it any more: it was stopped, or has ended. */
export const changeFinding = ({ db }: Client, id: string, change: FindingChange): Promise<boolean> =>
  db.transaction(async (tx) => {
    const [row] = await tx
      .update(findings)
      .set({ ...change, beatAt: new Date(), ...(change.state && change.state !== 'measuring' ? { endedAt: new Date() } : {}) })
      .where(and(eq(findings.id, id), eq(findings.state, 'measuring')))
      .returning({ paper: findings.paper });
    if (row && Object.keys(change).length > 0) await ring(tx, `findings:${row.paper}`);
    return row !== undefined;
  });

/** Those whose server has been silent this long; they are the caller's now. */
export const adoptFindings = ({ db }: Client, silentMs: number): Promise<FindingRow[]> =>
  db
    .update(findings)
    .set({ beatAt: new Date() })
    .where(and(eq(findings.state, 'measuring'), lt(findings.beatAt, sql`now() - make_interval(secs => ${silentMs / 1000})`)))
    .returning();
