/** @file Shifting and scaling each unit on one batch, layer by layer, keeps samples apart at any depth. */
import { rng } from '../../rng.ts';
import { mean } from '../../statistics.ts';
import { sampleVarianceFractions } from '../../theory/depthLaws.ts';
import { bootstrap, drawnSoFar, type Budget, type Finding, type Progress, type SimulatedClaim } from '../claim.ts';
import { sampleVariances, type Start } from '../simulations/sampleVariances.ts';

const sizes: Readonly<Record<Budget, { readonly seeds: number; readonly width: number; readonly rows: number }>> = {
  tiny: { seeds: 3, width: 96, rows: 192 },
  quick: { seeds: 6, width: 256, rows: 256 },
  full: { seeds: 20, width: 400, rows: 400 },
};
const depth = 20;
const starts = ['he', 'fitted'] as const;

/** @param shares of a network's layers on fresh samples */
export function* onFreshSamples(budget: Budget, seed: number, shares = sampleVariances): Generator<Progress, Finding> {
  const { seeds, width, rows } = sizes[budget];
  const found: Record<Start, number[][]> = { he: [], fitted: [] };
  const law = sampleVarianceFractions(depth);
  const last = (start: Start) => bootstrap([found[start].map((row) => row.at(-1)!)], ([all]) => mean(all!), seed);
  const curve = (title: string, start: Start, predicted: (layer: number) => number) => ({
    figure: 'Share that differs between fresh samples',
    title,
    x: 'layer',
    y: 'share',
    points: Array.from({ length: found[start].length > 0 ? depth : 0 }, (_, i) => {
      const { value: y, interval } = bootstrap([found[start].map((row) => row[i]!)], ([all]) => mean(all!), seed);
      return { x: i + 1, y, interval, predicted: predicted(i) };
    }),
  });
  const curves = () => [curve('fitted on one batch', 'fitted', () => 1), curve('He', 'he', (i) => law[i]!)];
  for (let i = 0; i < seeds; i++)
    for (const [at, start] of starts.entries()) {
      found[start].push(shares(rng(seed, 'init', i), start, width, depth, rows));
      yield drawnSoFar((i + (at + 1) / starts.length) / seeds, curves());
    }
  return {
    estimates: [
      { name: 'each unit fitted on one batch, layer 20', ...last('fitted'), predicted: 1, window: [0.9, 1] },
      { name: 'He, layer 20', ...last('he'), predicted: law.at(-1)!, window: [0, 0.2] },
    ],
    curves: curves(),
  };
}

export const dataDependentStart: SimulatedClaim = {
  name: 'dataDependentStart',
  title: 'A start fitted to one batch keeps samples apart',
  statement:
    'If each unit is shifted and scaled once, at the start and layer by layer, so that its pre-activations have mean 0 and variance 1 on one batch, nearly all of their square differs between samples, on samples it has not seen too, at any depth.',
  formula: 'h_j \\leftarrow \\frac{h_j - \\overline{h_j}}{\\sqrt{\\operatorname{Var}_b h_j}}\\ \\text{at initialization}',
  provenance: 'paper',
  assumptions: ['ReLU, Gaussian weights', 'Gaussian inputs, as many samples as units'],
  recipe:
    '20 layers of 256 units (full: 400), fitted on 256 samples, measured on 256 others, 6 draws (full: 20). The share at layer 20 must be above 0.9 when fitted, below 0.2 with He (our choice).',
  discrepancy:
    'LSUV of this catalog is not that start: it scales a layer by one number, so that means stay and samples become alike all the same.',
  example: {
    network: { kind: 'mlpChain', depth: 20, width: 128, normalization: 'batchNorm' },
    dataset: { kind: 'gaussianMixture', classes: 2, inputs: 128, radius: 0 },
    metrics: { samples: 10 },
  },
  measure: (budget, seed) => onFreshSamples(budget, seed),
};
