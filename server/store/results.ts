/** @file A run as its judges read it: the wanted metrics whole, rows that count only. For runs of claims, whose recipes bound their length. */
import { eq } from 'drizzle-orm';
import { decodeChunk } from '#core/chunk.ts';
import { collector, type RunResult } from '#core/results.ts';
import { liveRows } from '#core/seams.ts';
import type { Spec } from '#core/spec.ts';
import type { Client } from '#drizzle/client.ts';
import { runs, seams } from '#drizzle/schema.ts';
import { readRange } from './chunks.ts';
import type { RunRow } from './runs.ts';

export async function readResult(
  client: Client,
  run: Pick<RunRow, 'id' | 'status' | 'reason'>,
  metrics: readonly string[],
): Promise<RunResult> {
  const [row] = await client.db.select({ spec: runs.spec }).from(runs).where(eq(runs.id, run.id));
  if (!row) throw new Error(`run ${run.id} was deleted`);
  const marks = await client.db.select().from(seams).where(eq(seams.runId, run.id));
  const { append, series } = collector(metrics);
  for (const metric of metrics)
    for await (const bytes of readRange(client, run.id, metric, { from: 0, to: Infinity, endSeq: 0x7fff_ffff })) {
      const { steps, values, attempt, width } = decodeChunk(bytes);
      const live = liveRows(steps, attempt, marks);
      for (let i = 0; i < live; i++) append(metric, steps[i]!, values.subarray(i * width, (i + 1) * width));
    }
  return { spec: row.spec as Spec, status: run.status, ...(run.reason === null ? {} : { reason: run.reason }), series };
}
