/** @file What the page of an experiment asks for. */
import type { Status } from '#core/protocol.ts';
import { chartRunFields, type ChartRun } from '../../_charts/runs.ts';

export interface TableRun extends ChartRun {
  readonly reason: string | null;
  readonly sparkline: readonly (number | null)[];
  readonly finals: Readonly<Record<string, number | string | null>> | null;
  readonly stepsPerSecond: number | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly runtime: string | null;
  readonly device: string | null;
}
export interface Experiment {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  /** Null where its runs make no grid. */
  readonly grid: readonly { readonly path: string; readonly values: readonly unknown[] }[] | null;
  readonly status: Status;
  readonly counts: Readonly<Record<string, number>>;
  readonly progress: number;
  readonly createdAt: string;
  readonly author: { readonly name: string | null } | null;
  readonly runs: readonly TableRun[];
}
export const experimentQuery = `subscription ($id: ID!) { experimentChanged(id: $id) { id title question grid status counts progress createdAt author { name }
  runs { ${chartRunFields} reason sparkline finals stepsPerSecond startedAt endedAt runtime device } } }`;

/** Seconds until the last run ends at the speed of those at work; null while nothing has been timed. */
export function secondsLeft(runs: readonly TableRun[]): number | null {
  const open = runs.filter(({ status }) => status === 'running' || status === 'queued');
  const working = open.filter((run) => run.status === 'running' && run.stepsPerSecond);
  const speed = working.reduce((sum, run) => sum + run.stepsPerSecond!, 0);
  return speed > 0 ? open.reduce((sum, run) => sum + run.steps - run.step, 0) / speed : null;
}
