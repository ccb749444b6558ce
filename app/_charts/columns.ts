/** @file Aligned series as columns: their names, those that never hold a number, the table of them, and where in them a step is. */
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

const digits = '₀₁₂₃₄₅₆₇₈₉';
const subscript = (index: number): string => [...String(index)].map((digit) => digits[Number(digit)]).join('');

/** What the columns of a row stand for: layers by their names, eigenvalues by their rank. */
export function columnNames(axis: string | undefined, width: number, layers: readonly { readonly name: string }[] | null): string[] {
  return Array.from({ length: width }, (_, column) =>
    axis === 'layer' ? (layers?.[column]?.name ?? `layer ${column + 1}`) : `λ${subscript(column + 1)}`,
  );
}

/**
 * Columns that are NaN in every row while others are not: a layer without a bias has no norm of it. They are named once instead of marked
 * at every step. Where no column holds a number all are marked, since then something went wrong.
 */
export function neverNumbers({ steps, width, mean, flags }: Aligned, members: readonly number[]): ReadonlySet<number> {
  const never = new Set<number>();
  for (let column = 0; column < width; column++) {
    let [marked, numbers] = [false, false];
    for (const member of members)
      for (let at = column; at < steps.length * width && !numbers; at += width) {
        const flag = flags[member]![at]!;
        numbers = (flag & 6) !== 0 || !Number.isNaN(mean[member]![at]!);
        marked ||= (flag & 1) !== 0;
      }
    if (marked && !numbers) never.add(column);
  }
  return never.size < width ? never : new Set();
}

/** The names of such columns for a caption; their number where they are many. */
export function sayNever(never: ReadonlySet<number>, names: readonly string[]): string | false {
  if (never.size === 0) return false;
  return `NaN throughout: ${never.size > 4 ? `${never.size} of ${names.length}` : [...never].map((column) => names[column]).join(', ')}`;
}

/** A logarithmic axis has no place for them. */
export const sayLeftOut = ({ mean }: Aligned, log: boolean): string | false =>
  log && mean.some((plane) => plane.some((value) => value <= 0)) && 'values at or below 0 are left out';
