/** @file The rows of a table of runs in order: by group and seed, or by one of its columns; what has no number stands last either way. */
import type { Group } from '../_charts/runs.ts';
import type { TableRun } from './[id]/types.ts';

export interface RunRow {
  readonly group: Group;
  readonly run: TableRun;
}

const columns: Readonly<Record<string, (run: TableRun) => number | string | null>> = {
  seed: ({ seed }) => seed,
  status: ({ status }) => status,
  time: ({ startedAt, endedAt }) => (startedAt && endedAt ? Date.parse(endedAt) - Date.parse(startedAt) : null),
};

const valueOf = (run: TableRun, column: string): number | string | null => {
  // the address may name what every object has
  if (Object.hasOwn(columns, column)) return columns[column]!(run);
  const value = run.finals?.[column];
  return typeof value === 'number' && Number.isFinite(value) ? value : null; // NaN and infinities are told as texts
};

/** `sort`: the name of a column or of a final value, with a minus from the largest down. */
export function sorted(groups: readonly Group[], runs: readonly TableRun[], sort: string | null): readonly RunRow[] {
  const newest = new Map(runs.map((run) => [run.id, run]));
  const rows = groups.flatMap((group) =>
    group.runs.flatMap(({ id }): RunRow[] => {
      const run = newest.get(id);
      return run ? [{ group, run }] : [];
    }),
  );
  if (sort === null) return rows;
  const down = sort.startsWith('-');
  const column = down ? sort.slice(1) : sort;
  return rows
    .map((row) => ({ row, value: valueOf(row.run, column) }))
    .sort(({ value: a }, { value: b }) => {
      if (a === null || b === null) return Number(a === null) - Number(b === null);
      return (down ? -1 : 1) * (a < b ? -1 : a > b ? 1 : 0);
    })
    .map(({ row }) => row);
}
