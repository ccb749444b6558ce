/** @file What batch normalization does to the gradient of a deep ReLU chain: it grows by a known factor with every layer, backwards. */
import { rowAt } from '../../results.ts';
import { batchNormExplosion } from '../../theory/depthLaws.ts';
import { bootstrap, slope, type Budget, type TrainedClaim } from '../claim.ts';
import { lean, seedsOf } from '../arms.ts';
import { fourClasses } from './narrowNetworks.ts';

const sizes: Readonly<Record<Budget, { readonly seeds: number; readonly widths: readonly number[] }>> = {
  tiny: { seeds: 2, widths: [128] },
  quick: { seeds: 4, widths: [64, 128] },
  full: { seeds: 10, widths: [64, 128, 256, 512] },
};
const depth = 20;
/** Layers next to the data and to the loss are left out. */
const [first, last] = [2, depth - 2];
/** The law is that of wide layers. */
const wide = 128;
const spec = (width: number, seed: number) => ({
  ...lean,
  ...fourClasses,
  network: { kind: 'mlpChain', depth, width, normalization: 'batchNorm' },
  batchSize: 512,
  steps: 1,
  metrics: { ...lean.metrics, step: ['gradNorm'] },
  seed,
});

/** log of the norm per layer, backwards, from the rows of a run before its first step. */
const logs = (row: readonly number[]): number[] => row.slice(0, depth).map(Math.log);

export const normalizationExplodes: TrainedClaim = {
  name: 'normalizationExplodes',
  title: 'Behind batch normalization gradients explode backwards',
  statement:
    'In a deep chain of normalized ReLU layers without residual connections the norm of the gradient grows by a factor of 1.21 per layer on its way down, at initialization.',
  formula: '\\|\\partial L/\\partial W_{\\ell-1}\\| / \\|\\partial L/\\partial W_\\ell\\| \\to \\sqrt{\\pi/(\\pi-1)} \\approx 1.2112',
  provenance: 'derived',
  assumptions: ['ReLU, He, wide layers', 'statistics of the whole batch, 512 samples', 'initialization'],
  recipe:
    '20 normalized layers of 128 units (and of 64, for the figure), 512 samples, 4 seeds (full: 10, widths up to 512); the slope of the log norm over layers 2 to 18. Its factor must lie between 1.19 and 1.23 (our choice).',
  example: { ...fourClasses, network: { kind: 'mlpChain', depth, width: 64, normalization: 'batchNorm' } },
  specs: (budget, seed) => sizes[budget].widths.flatMap((width) => seedsOf(seed, sizes[budget].seeds).map((each) => spec(width, each))),
  metrics: ['gradNorm'],
  judge(runs, seed) {
    const rows = (width: number) =>
      runs
        .flatMap((run) => (run.spec.network.width === width ? [rowAt(run.series('gradNorm'), 0) ?? []] : []))
        .filter((row) => row.length > 0);
    const layers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const factor = (row: readonly number[]) => Math.exp(-slope(layers, logs(row).slice(first - 1, last)));
    const widths = [...new Set(runs.map(({ spec: { network } }) => network.width as number))].filter((width) => rows(width).length > 0);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const found = rows(wide).map(factor);
    return {
      estimates: [
        {
          name: 'growth per layer, 128 wide',
          ...(found.length > 0 ? bootstrap([found], ([all]) => mean(all!), seed) : { value: NaN, interval: [NaN, NaN] as const }),
          predicted: batchNormExplosion,
          window: [1.19, 1.23],
        },
      ],
      curves: widths.map((width) => ({
        figure: 'Norm of the gradient at initialization',
        title: `width ${width}`,
        x: 'layer',
        y: 'norm over that of the last hidden layer',
        log: { y: true },
        law: '(\\pi/(\\pi-1))^{(L-\\ell)/2}',
        points: Array.from({ length: depth }, (_, i) => ({
          x: i + 1,
          y: Math.exp(mean(rows(width).map((row) => logs(row)[i]! - logs(row)[depth - 1]!))),
          predicted: batchNormExplosion ** (depth - 1 - i),
        })),
      })),
    };
  },
};
