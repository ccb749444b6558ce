/** @file Runs as charts see them, and their groups: everything equal but the seed. */
import type { Status } from '#core/protocol.ts';
import type { Spec } from '#core/spec.ts';
import { differingFields } from '#core/sweep.ts';
import { colourVariable } from './colours.ts';
import { mostColours, shadesOf } from './shades.ts';

export interface ChartRun {
  readonly id: string;
  readonly label: string;
  readonly group: string;
  readonly seed: number;
  readonly status: Status;
  readonly spec: Spec;
  readonly step: number;
  readonly steps: number;
  readonly curvatureBatch: number | null;
  readonly layers: readonly { readonly name: string; readonly kind: string }[] | null;
  readonly metrics: readonly { readonly name: string; readonly axes: readonly string[]; readonly width: number }[];
}
export const chartRunFields = 'id label group seed status spec step steps curvatureBatch layers metrics { name axes width }';

export interface Group {
  readonly key: string;
  readonly name: string;
  /** CSS variable of its colour. */
  readonly colour: string;
  /** What its colour stands for, where groups share one. */
  readonly shade?: string;
  readonly regularizer: string;
  readonly runs: readonly ChartRun[];
}

/** Rows may still come: the run is at work or may be taken up again. */
export const mayGrow = ({ status }: { status: Status }): boolean => !['finished', 'stopped', 'diverged', 'crashed'].includes(status);

const short: Record<string, string> = { none: 'none', l2: 'WD', decoupledWeightDecay: 'decoupled WD', weightRescaling: 'WRS' };

/** A value of a spec in a word or two: the kind, with its options where those are what differs. */
export function valueName(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'kind' in value) return short[String(value.kind)] ?? String(value.kind);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const read = (spec: Spec, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], spec);

/** The last word of a path as one says it: `optimizer.learningRate` is the learning rate. */
const wordOf = (path: string): string =>
  path
    .split('.')
    .at(-1)!
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

export function groupsOf(runs: readonly ChartRun[]): Group[] {
  const byKey = Map.groupBy(runs, ({ group }) => group);
  const fields = differingFields(runs.map(({ spec }) => spec)).filter(({ path }) => path !== 'seed');
  const regularizers = [...byKey.values()].map(([first]) => first!.spec.regularizer.kind);
  const byRegularizer = new Set(regularizers).size === regularizers.length && regularizers.length > 1;
  const firsts = [...byKey.values()].map(([first]) => first!.spec);
  const shades =
    byKey.size > mostColours
      ? shadesOf(fields.map(({ path }) => ({ word: wordOf(path), values: firsts.map((spec) => read(spec, path)) })))
      : null;
  return [...byKey].map(([key, members], position) => {
    const shade = shades?.[position];
    const spec = members[0]!.spec;
    const parts = fields.map(({ path }) => {
      const value = read(spec, path);
      const word = valueName(value);
      return path === 'regularizer' || (typeof value === 'object' && value !== null) ? word : `${wordOf(path)} ${word}`;
    });
    return {
      key,
      name: parts.join(', ') || valueName(spec.regularizer),
      colour: shade?.colour ?? colourVariable(spec.regularizer.kind, byRegularizer || byKey.size === 1, position),
      ...(shade ? { shade: shade.name } : {}),
      regularizer: spec.regularizer.kind,
      runs: [...members].sort((a, b) => a.seed - b.seed),
    };
  });
}

/** Names of lines stand at their ends up to here, beyond it in a legend. */
export const mostLabels = 6;

/** What a legend says of groups: nothing where lines are labelled, values where colours are shared. */
export function legendOf(groups: readonly Group[]): readonly { readonly name: string; readonly colour: string }[] {
  if (groups.length <= mostLabels) return [];
  const shown = new Map(groups.map(({ name, shade = name, colour }) => [shade, { name: shade, colour }]));
  return [...shown.values()].sort((a, b) => (groups[0]!.shade ? a.colour.localeCompare(b.colour) : 0));
}

/** A title inside a sentence: "Largest Hessian eigenvalues" loses its first capital only. */
export const inText = (title: string): string => title.slice(0, 1).toLowerCase() + title.slice(1);

/** A number for the readout and tables: four significant digits or all before the point, powers of ten where they are shorter. */
export function show(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2).replaceAll('-', '−');
  return (size >= 1e4 ? Math.round(value).toLocaleString('en') : value.toPrecision(4)).replace('-', '−');
}
