/** @file The norm behind many layers: a mean of one, a median far below it. */
import { mean, median } from '../../statistics.ts';
import { reluLayerLaw } from '../../theory/depthLaws.ts';
import { bootstrap, type Budget, type Finding, type SimulatedClaim } from '../claim.ts';
import { logNorms } from '../simulations/wideLayers.ts';

const [width, depth] = [32, 32];
const counts: Readonly<Record<Budget, number>> = { tiny: 1_000, quick: 2_000, full: 20_000 };

/** @param draw the log ratios of networks that live */
export function* meanBesideMedian(budget: Budget, seed: number, draw = logNorms): Generator<number, Finding> {
  const draws = counts[budget];
  const logs = draw({ width, depth, relu: true, draws }, seed);
  yield 0.8;
  const ratios = logs.map(Math.exp);
  const centre = Math.exp(depth * reluLayerLaw(width).mean);
  const spread = Math.sqrt(depth * reluLayerLaw(width).variance);
  const sorted = Float64Array.from(logs).sort();
  const shares = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);
  return {
    estimates: [
      {
        name: 'median of the ratio of squared norms',
        ...bootstrap([ratios], ([drawn]) => median(drawn!), seed),
        predicted: centre,
        window: [0.75 * centre, 1.25 * centre],
      },
      { name: 'mean of the ratio', ...bootstrap([ratios], ([drawn]) => mean(drawn!), seed), predicted: 1, window: [0.5, 2] },
      {
        name: 'mean over median',
        ...bootstrap([ratios], ([drawn]) => mean(drawn!) / median(drawn!), seed),
        predicted: 1 / centre,
        window: [5, Infinity],
      },
    ],
    curves: [
      {
        title: 'Quantiles of the log ratio',
        x: 'share of the networks below',
        y: 'log ratio of squared norms',
        law: 'N(L\\mu, L\\sigma^2)',
        points: shares.map((x, i) => ({
          x,
          y: sorted[Math.floor(x * sorted.length)]!,
          predicted: Math.log(centre) + spread * normalQuantiles[i]!,
        })),
      },
    ],
  };
}

/** Of the standard normal law at 0.05, 0.1 … 0.95. */
const upper = [0, 0.125661, 0.253347, 0.38532, 0.524401, 0.67449, 0.841621, 1.036433, 1.281552, 1.644854];
const normalQuantiles = [
  ...upper
    .slice(1)
    .reverse()
    .map((value) => -value),
  ...upper,
];

export const meanAndMedian: SimulatedClaim = {
  name: 'meanAndMedian',
  title: 'The mean of the norm says nothing about a network',
  statement:
    'Behind 32 ReLU layers of width 32 the squared norm of the activations has mean one, as the initialization promises, but in half of the networks it is below a thirteenth of that: the norm is close to log-normal.',
  formula: '\\log\\frac{\\|x^L\\|^2}{\\|x^0\\|^2} \\approx N\\Bigl(-\\frac{5L}{2d}, \\frac{5L}{d}\\Bigr)',
  provenance: 'derived',
  assumptions: ['ReLU, He, Gaussian weights, no biases', 'L = d = 32'],
  recipe: '2,000 networks (full: 20,000). The median must be within 25% of exp(-2.64), the mean between 0.5 and 2, their ratio above 5.',
  example: { network: { kind: 'mlpChain', depth: 32, width: 32 }, dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16 } },
  measure: (budget, seed) => meanBesideMedian(budget, seed),
};
