/** @file The charts of a run in sections, by what measures them; what says how exact others are stands apart, and no cell of the grid is left empty. */
import type { Metric } from '#core/define.ts';
import { metrics } from '#core/metrics/index.ts';

export type ChartKind = 'line' | 'layers' | 'map' | 'depth' | 'matrix' | 'density' | 'ridge' | 'eigenvalues';
export interface Entry {
  readonly kind: ChartKind;
  readonly metric: string;
  readonly wide: boolean;
}
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly charts: readonly Entry[];
  /** Residuals and standard errors. */
  readonly errors: readonly Entry[];
}

/** In the order in which one asks: does it learn, what do its layers do, how is the loss curved, then what is measured beside the steps. */
const titles = {
  training: 'Training',
  layers: 'Layers',
  product: 'Curvature',
  weights: 'Weights',
  samples: 'Single samples',
  gram: 'Gram matrix',
} as const;
const sectionOf = ({ cost, axes }: Metric): keyof typeof titles =>
  cost === 'pass' ? 'training' : cost === 'step' ? (axes.length > 0 ? 'layers' : 'training') : cost;

/** Logarithms of these are what a map shows; signed and bounded ones are lines. */
const mapped = new Set(['gradNorm', 'updateRatio', 'activationNorm']);
/** What theory says something about across depth. */
const profiled = new Set([
  'gradNorm',
  'activationNorm',
  'activationGrowth',
  'deltaRatio',
  'displacement',
  'streamGradientRatio',
  'sampleVarianceFraction',
]);
/** Beside the Hessian: each stands together and begins a row. */
const matrices = ['ggn', 'fisher', 'modelFisher'];
const matrixOf = (name: string): string | undefined => matrices.find((matrix) => name.startsWith(matrix));
/** These come first in their sections, the others as they were recorded. */
const order = [
  ...['loss', 'heldOutLoss', 'heldOutAccuracy', 'accuracy', 'trainLoss', 'trainAccuracy'],
  ...['gradNorm', 'weightNorm', 'effectiveLearningRate', 'activationNorm'],
  ...['hessianTop', 'hessianBottom', 'hessianTrace', 'hessianFrobenius', 'hessianDensity', 'hessianSpectrum', 'hessianNegativeMass'],
  ...['blockTop', 'blockBottom', 'blockTrace', 'blockNorms'],
  ...['gradientSharpness', 'updateSharpness', 'scaleFreeSharpness'],
  ...matrices.flatMap((matrix) => ['Top', 'Trace', 'Frobenius', 'BlockTrace', 'Density', 'BlockTop'].map((of) => matrix + of)),
  ...['spectralNorm', 'singularValues', 'gramEigenvalues', 'gramLargest', 'gramSmallest'],
];
const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
const isError = (name: string): boolean => /(?:Residual|Error)$/.test(name);

function kindsOf(name: string, { axes }: Metric): readonly ChartKind[] {
  if (axes.length === 2) return ['matrix'];
  if (axes[0] === 'bin') return isError(name) ? [] : ['density', 'ridge']; // drawn as the band of the density
  if (name === 'hessianSpectrum') return ['density', 'ridge'];
  if (name === 'hessianTop') return ['eigenvalues'];
  if (axes.length === 0) return ['line'];
  return [...(mapped.has(name) ? ['map' as const] : []), ...(profiled.has(name) ? ['depth' as const] : []), 'layers'];
}

/** Two charts a row: one that would stand alone takes the row. */
export function filled(entries: readonly Entry[]): Entry[] {
  let alone = false;
  return entries.map((entry, i) => {
    alone = !entry.wide && !alone;
    const next = entries[i + 1];
    return alone && (!next || next.wide) ? { ...entry, wide: true } : entry;
  });
}

export function sectionsOf(names: readonly string[]): Section[] {
  const known = names.filter((name) => name in metrics).toSorted((a, b) => rank(a) - rank(b));
  const of = (name: string): Metric => metrics[name as keyof typeof metrics];
  const entries = (own: readonly string[]) =>
    [undefined, ...matrices].flatMap((matrix) => {
      const together = own.filter((metric) => matrixOf(metric) === matrix);
      return filled(together.flatMap((metric) => kindsOf(metric, of(metric)).map((kind) => ({ kind, metric, wide: kind === 'map' }))));
    });
  return Object.entries(titles).flatMap(([name, title]) => {
    const own = known.filter((metric) => sectionOf(of(metric)) === name);
    const charts = entries(own.filter((metric) => !isError(metric)));
    return own.length > 0 ? [{ name, title, charts, errors: entries(own.filter(isError)) }] : [];
  });
}
