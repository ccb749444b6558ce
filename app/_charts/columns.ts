/** @file Aligned series as columns of a table, and where in them a step is. */
import type { Aligned } from './align.ts';
import type { Table } from './ChartFrame.tsx';
import type { GroupSeries } from './useGroups.ts';

/** Position of the entry nearest to a step; -1 where there is none. */
export function nearest(steps: readonly number[], step: number): number {
  let [low, high] = [0, steps.length - 1];
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (steps[middle]! <= step) low = middle;
    else high = middle;
  }
  return Math.abs(steps[low]! - step) <= Math.abs(steps[high]! - step) ? low : high;
}

/** Steps down, (group, seed, column) across. `names` label the columns of a row. */
export function tableOf({ steps, width, mean, flags }: Aligned, groups: readonly GroupSeries[], names: readonly string[]): Table {
  const across = groups.flatMap(({ group, members }) =>
    members.map((at, i) => ({ at, name: `${group.name} seed ${group.runs[i]!.seed}` })),
  );
  return {
    columns: [
      'step',
      ...across.flatMap(({ name }) =>
        Array.from({ length: width }, (_, column) => `${name}${names[column] ? ` ${names[column]}` : width > 1 ? ` ${column + 1}` : ''}`),
      ),
    ],
    rows: steps.map((step, row) => [
      step,
      ...across.flatMap(({ at }) =>
        Array.from({ length: width }, (_, column) => {
          const value = mean[at]![row * width + column]!;
          const flag = flags[at]![row * width + column]!;
          return Number.isNaN(value) ? (flag === 0 ? '' : flag & 1 ? 'NaN' : flag & 2 ? 'Infinity' : '-Infinity') : value;
        }),
      ),
    ]),
  };
}
