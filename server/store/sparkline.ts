/** @file The sparkline of a run: at most 60 losses, read off the pyramid and kept in the run's row until the run has moved on by a sixtieth. */
import type { Client } from '#drizzle/client.ts';
import type { RunRow } from './runs.ts';
import { held } from './transitions.ts';
import { metricWindow } from './windows.ts';

const points = 60;
const metric = 'loss';

const shown = (values: readonly number[]) => values.map((value) => (Number.isFinite(value) ? value : null));

export async function sparkline(client: Client, run: RunRow): Promise<(number | null)[]> {
  const moved = run.sparklineStep === null ? Infinity : Math.abs(run.step - run.sparklineStep);
  if (run.attempt === 0) return [];
  if (run.sparkline && (held.includes(run.status) ? moved < run.steps / points : moved === 0)) return shown(run.sparkline);
  const window = await metricWindow(client, { runId: run.id, metric, fromStep: null, toStep: null, pixels: points });
  const values = [...(window?.mean ?? [])];
  await client.pool.query('update runs set sparkline = $2, sparkline_step = $3 where id = $1 and attempt = $4', [
    run.id,
    values,
    run.step,
    run.attempt,
  ]);
  return shown(values);
}
