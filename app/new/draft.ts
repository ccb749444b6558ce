/** @file The draft of an experiment: nested values reached by paths, as the spec's own errors name them. */
import type { Field } from '#core/define.ts';

export type Draft = Record<string, unknown>;
export interface Axis {
  readonly path: string;
  readonly values: readonly unknown[];
  /** What was typed last is no list; `values` are those before it. */
  readonly unread?: boolean;
}
export interface CatalogEntry {
  readonly kind: string;
  readonly name: string;
  readonly title: string;
  readonly formula: string;
  readonly about: string;
  readonly source: string;
  readonly fields: Readonly<Record<string, Field>>;
}
export interface Issue {
  readonly path: string;
  readonly message: string;
}

export function valueAt(draft: Draft, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Draft | undefined)?.[key], draft);
}

export function withValue(draft: Draft, path: string, value: unknown): Draft {
  const [head, ...rest] = path.split('.');
  if (rest.length === 0) return { ...draft, [head!]: value };
  const inner = draft[head!];
  return {
    ...draft,
    [head!]: withValue(
      (typeof inner === 'object' && inner !== null ? inner : typeof inner === 'string' ? { kind: inner } : {}) as Draft,
      rest.join('.'),
      value,
    ),
  };
}

/** The entry that a choice names, said in full or by its name alone. */
export const kindOf = (choice: unknown): string =>
  typeof choice === 'string' ? choice : String((choice as Draft | undefined)?.kind ?? '');

const isObject = (value: unknown): value is Draft => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A draft with all that it does not say, although the server may refuse it: the form shows what a run would be, with the fault where it is. */
export function completed(draft: Draft, defaults: Draft, catalog: readonly CatalogEntry[]): Draft {
  const part = (given: unknown, usual: unknown, kind: string | null): unknown => {
    if (given === undefined) return usual;
    const entry = kind === null ? undefined : catalog.find((each) => each.kind === kind && each.name === kindOf(given));
    if (entry) {
      const options = Object.fromEntries(Object.entries(entry.fields).map(([field, { default: value }]) => [field, value]));
      return { kind: entry.name, ...options, ...(isObject(given) ? given : {}) };
    }
    if (!isObject(given) || !isObject(usual)) return given;
    return Object.fromEntries(
      [...new Set([...Object.keys(usual), ...Object.keys(given)])].map((key) => [key, part(given[key], usual[key], null)]),
    );
  };
  return Object.fromEntries(
    [...new Set([...Object.keys(defaults), ...Object.keys(draft)])].map((key) => [key, part(draft[key], defaults[key], key)]),
  );
}

/** Of every quantity that several matrices have. */
const ofAll = 'Of the Hessian, and of each matrix below that is switched on.';
/** Of every share of the wall time. */
const measuredAnyway = 'The first and the last step are always measured; with 0 the first alone.';

/** Fields of a spec that belong to no entry of the catalog. */
export const runFields: Readonly<Record<string, readonly { readonly path: string; readonly field: Field }[]>> = {
  Training: [
    { path: 'steps', field: { type: 'integer', title: 'Steps', unit: 'updates', min: 1, max: 10_000_000, default: 2000 } },
    { path: 'batchSize', field: { type: 'integer', title: 'Batch size', symbol: 'B', unit: 'samples', min: 1, max: 65_536, default: 64 } },
    {
      path: 'seed',
      field: {
        type: 'integer',
        title: 'Seed',
        min: 0,
        max: 0xffffffff,
        default: 1,
        about: 'Init and order of the batches. List several under “What varies”.',
      },
    },
    {
      path: 'checkpointEvery',
      field: { type: 'integer', title: 'Checkpoint every', unit: 'steps', min: 1, max: 10_000_000, default: 1000 },
    },
  ],
  Measuring: [
    { path: 'metrics.every', field: { type: 'integer', title: 'Record every', unit: 'steps', min: 1, max: 10_000_000, default: 1 } },
    {
      path: 'metrics.evaluationEvery',
      field: { type: 'integer', title: 'Evaluate every', unit: 'steps', min: 1, max: 10_000_000, default: 100 },
    },
    {
      path: 'metrics.weights',
      field: {
        type: 'choice',
        title: 'Weights',
        choices: ['auto', 'never'],
        default: 'auto',
        about: 'Singular values, ranks, distances and roughness of the weights, in float64.',
      },
    },
    {
      path: 'metrics.samples',
      field: {
        type: 'choice',
        title: 'Single samples',
        choices: ['auto', 'never'],
        default: 'auto',
        about: 'Noise of the gradient, correlation of samples, spans of the inputs, on a probe batch.',
      },
    },
    {
      path: 'metrics.gram',
      field: {
        type: 'choice',
        title: 'Gram matrix',
        choices: ['never', 'auto'],
        default: 'never',
        about: 'Tangent and feature kernels of the probe batch: one backward pass for every output.',
      },
    },
    {
      path: 'metrics.share',
      field: {
        type: 'number',
        title: 'Share of each of these',
        unit: 'of the wall time',
        min: 0,
        max: 0.95,
        default: 0.05,
        about: measuredAnyway,
      },
    },
    {
      path: 'metrics.probeSize',
      field: { type: 'integer', title: 'Probe batch', unit: 'samples', min: 1, max: 1024, default: 128 },
    },
    { path: 'curvature.enabled', field: { type: 'boolean', title: 'Curvature', default: true } },
    {
      path: 'curvature.share',
      field: {
        type: 'number',
        title: 'Curvature share',
        unit: 'of the wall time',
        min: 0,
        max: 0.95,
        default: 0.2,
        about: measuredAnyway,
      },
    },
    {
      path: 'curvature.batchSize',
      field: {
        type: 'integer',
        title: 'Curvature batch',
        unit: 'samples',
        min: 2,
        max: 65_536,
        default: 512,
        about: '128 samples overstate the top eigenvalue by 1.3 to 3.3 times.',
      },
    },
    { path: 'curvature.topK', field: { type: 'integer', title: 'Top eigenvalues', min: 1, max: 20, default: 5 } },
    { path: 'curvature.blocks', field: { type: 'boolean', title: 'Block of each layer', default: true, about: ofAll } },
    { path: 'curvature.trace', field: { type: 'boolean', title: 'Trace and norm', default: true } },
    { path: 'curvature.gaussNewton', field: { type: 'boolean', title: 'Gauss-Newton matrix', default: false } },
    { path: 'curvature.fisher', field: { type: 'boolean', title: 'Fisher matrix, empirical and of the model', default: false } },
    { path: 'curvature.density', field: { type: 'boolean', title: 'Spectral density', default: false, about: ofAll } },
    { path: 'curvature.offDiagonal', field: { type: 'boolean', title: 'Blocks between layers', default: false } },
    { path: 'curvature.directions', field: { type: 'boolean', title: 'Along gradient and update', default: true } },
    { path: 'curvature.scaleFree', field: { type: 'boolean', title: 'Scale-free sharpness (normalized layers)', default: false } },
    { path: 'curvature.exact', field: { type: 'boolean', title: 'All eigenvalues (small networks)', default: false } },
  ],
  Runtime: [
    {
      path: 'runtime.name',
      field: {
        type: 'choice',
        title: 'Runtime',
        choices: ['auto', 'onnx', 'tensorflow', 'reference'],
        default: 'auto',
        about: 'auto times the run’s own program on everything that loads.',
      },
    },
    {
      path: 'runtime.device',
      field: { type: 'choice', title: 'Device', choices: ['auto', 'cpu', 'wasm', 'webgpu', 'cuda'], default: 'auto' },
    },
    { path: 'runtime.precision', field: { type: 'choice', title: 'Precision', choices: ['float32', 'float64'], default: 'float32' } },
  ],
};
