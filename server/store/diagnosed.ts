/**
 * @file What speaks for anything in a run, from its rows thinned to a picture's width: the first row as it is, then the last of each bucket.
 *
 * A finding is kept until the run advances, so a table of finished runs asks the database once.
 */
import { diagnose, diagnosedMetrics, type Finding } from '#core/diagnoses/diagnose.ts';
import { collector, type RunResult } from '#core/results.ts';
import type { Spec } from '#core/spec.ts';
import type { Client } from '#drizzle/client.ts';
import type { RunRow } from './runs.ts';
import { metricWindow } from './windows.ts';

const mostRows = 256;
const mostKept = 2_000;

/** Rows of the wanted metrics, at most about `mostRows` each. */
async function thinnedResult(client: Client, run: RunRow, metrics: readonly string[]): Promise<RunResult> {
  const { append, series } = collector(metrics);
  const spec = run.spec as Spec;
  const ask = (metric: string, toStep: number | null, pixels: number) =>
    metricWindow(client, { runId: run.id, metric, fromStep: null, toStep, pixels });
  const add = async (metric: string) => {
    const window = await ask(metric, null, mostRows);
    if (!window || window.rows === 0) return;
    const { bucketSteps, firstSteps, last, width, to } = window;
    // a bucket's last row stands at its end, or where the run is
    const stepOf = (first: number) => {
      const end = Math.min(to, first + bucketSteps - 1);
      return end - (end % spec.metrics.every);
    };
    if (bucketSteps > 1) {
      const start = await ask(metric, 0, 1);
      if (start && start.rows > 0) append(metric, 0, start.last);
    }
    firstSteps.forEach((first, i) => append(metric, bucketSteps > 1 ? stepOf(first) : first, last.subarray(i * width, (i + 1) * width)));
  };
  for (const metric of metrics) await add(metric);
  return { spec, status: run.status, ...(run.reason === null ? {} : { reason: run.reason }), series };
}

const kept = new WeakMap<Client, Map<string, { readonly state: string; readonly findings: Promise<Finding[]> }>>();
const turn = new WeakMap<Client, Promise<unknown>>();

/** One run at a time: a page of a thousand runs must not take every connection. */
export function diagnosed(client: Client, run: RunRow): Promise<Finding[]> {
  const runs = kept.get(client) ?? new Map<string, never>();
  kept.set(client, runs);
  const state = [run.status, run.attempt, run.step].join();
  const found = runs.get(run.id);
  if (found?.state === state) return found.findings;
  const before = turn.get(client) ?? Promise.resolve();
  const findings = before.then(async () => diagnose(await thinnedResult(client, run, diagnosedMetrics)));
  turn.set(
    client,
    findings.catch(() => {}),
  );
  findings.catch(() => runs.delete(run.id));
  runs.delete(run.id);
  runs.set(run.id, { state, findings });
  if (runs.size > mostKept) runs.delete(runs.keys().next().value!);
  return findings;
}
