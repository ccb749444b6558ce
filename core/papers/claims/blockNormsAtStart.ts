/** @file The Hessian's block of a layer at initialization falls with the depth by what the initialization takes from a layer's square. */
import { rowAt } from '../../results.ts';
import { median } from '../../statistics.ts';
import { reluLayerLaw } from '../../theory/depthLaws.ts';
import { bootstrap, slope, type Budget, type TrainedClaim } from '../claim.ts';
import { lean, seedsOf, estimateOver } from '../arms.ts';

const width = 64;
/** Variance of a weight times its inputs, over the 2 of He. */
const starts = { he: 1, lecun: 1 / 2, frameworkDefault: 1 / 6 } as const;
type Start = keyof typeof starts;
const titles: Readonly<Record<Start, string>> = { he: 'He', lecun: 'variance 1/d', frameworkDefault: 'variance 1/(3d)' };
const kinds = Object.keys(starts) as Start[];
const sizes: Readonly<Record<Budget, { readonly seeds: number; readonly depths: readonly number[] }>> = {
  tiny: { seeds: 1, depths: [4, 12] },
  quick: { seeds: 3, depths: [4, 8, 12] },
  full: { seeds: 10, depths: [4, 8, 12, 16, 24] },
};
const spec = (init: Start, depth: number, seed: number) => ({
  ...lean,
  network: { kind: 'mlpChain', depth, width, bias: false },
  init,
  dataset: { kind: 'gaussianMixture', classes: 4, inputs: width, train: 256, heldOut: 16 },
  steps: 1,
  seed,
  curvature: { every: 1, topK: 1, batchSize: 128, blocks: true, trace: false, directions: false },
});

export const blockNormsAtStart: TrainedClaim = {
  name: 'blockNormsAtStart',
  title: 'The size of the Hessian’s blocks measures an initialization',
  statement:
    'A layer’s block of the Hessian is as large as what comes forward times what comes back, squared. Each layer of a ReLU network multiplies it by half of its fan-in times the variance of its weights: He keeps the blocks, smaller weights let them vanish exponentially with the depth.',
  formula:
    '\\|H_{\\ell\\ell}\\| \\sim \\|\\delta^\\ell\\|^2\\,\\|x^{\\ell-1}\\|^2 \\propto \\Bigl(\\frac{d\\,\\operatorname{Var} w}{2}\\Bigr)^{L}',
  provenance: 'derived',
  assumptions: ['ReLU, no biases, 64 units in every layer', 'softmax cross-entropy, initialization', 'median over the hidden layers'],
  recipe:
    'Depths 4, 8, 12 (full: up to 24), 3 seeds (full: 10), the largest eigenvalue of every block. The slope of the log of the median block against the depth, less that of the law with its correction for finite width, must be within 0.15 of 0 for He, for variance 1/d and for variance 1/(3d) (our choice).',
  example: { ...spec('lecun', 8, 1), steps: 500, metrics: {}, curvature: { blocks: true } },
  specs: (budget, seed) =>
    seedsOf(seed, sizes[budget].seeds).flatMap((each) =>
      sizes[budget].depths.flatMap((depth) => kinds.map((init) => spec(init, depth, each))),
    ),
  metrics: ['blockTop'],
  judge(runs, seed) {
    const depths = [...new Set(runs.map(({ spec: { network } }) => network.depth as number))].sort((a, b) => a - b);
    const logs = (init: Start, depth: number) =>
      runs.flatMap((run) => {
        const row = run.spec.init.kind === init && run.spec.network.depth === depth ? rowAt(run.series('blockTop'), 0) : null;
        return row ? [Math.log(median(row.slice(1, depth)))] : [];
      });
    const rate = (init: Start) => Math.log(starts[init]) + reluLayerLaw(width).mean;
    return {
      estimates: kinds.map((init) =>
        estimateOver(
          `slope per layer, ${titles[init]}`,
          depths.length > 1 ? depths.map((depth) => logs(init, depth)) : [[]],
          (groups) => slope(depths, groups.map(median)),
          { predicted: rate(init), window: [rate(init) - 0.15, rate(init) + 0.15], seed },
        ),
      ),
      curves: kinds.map((init) => {
        const known = depths.filter((depth) => logs(init, depth).length > 0);
        const from = known.length > 0 ? median(logs(init, known[0]!)) : NaN;
        return {
          figure: 'Blocks of the Hessian at initialization',
          title: titles[init],
          x: 'depth',
          y: 'log of the median block’s largest eigenvalue',
          law: 'L \\log(d\\operatorname{Var} w/2)',
          points: known.map((x) => {
            const { value: y, interval } = bootstrap([logs(init, x)], ([all]) => median(all!), seed);
            return { x, y, interval, predicted: from + rate(init) * (x - known[0]!) };
          }),
        };
      }),
    };
  },
};
