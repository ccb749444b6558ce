/** @file The estimator of the tail index, on draws whose index is known. */
import { rng } from '../../rng.ts';
import { mean } from '../../statistics.ts';
import { stableDraw, stableIndex } from '../../theory/heavyTails.ts';
import { bootstrap, type Budget, type Finding, type SimulatedClaim } from '../claim.ts';

const indices = [1, 1.2, 1.5, 1.8, 2];
const sizes: Readonly<Record<Budget, { readonly draws: number; readonly repeats: number }>> = {
  tiny: { draws: 10_000, repeats: 6 },
  quick: { draws: 40_000, repeats: 10 },
  full: { draws: 100_000, repeats: 40 },
};
/** Samples in a sum. */
const block = 100;

/** @param estimate of an index from samples */
export function* ofKnownDraws(budget: Budget, seed: number, estimate = stableIndex): Generator<number, Finding> {
  const { draws, repeats } = sizes[budget];
  const found: number[][] = [];
  for (const [at, alpha] of indices.entries()) {
    const values: number[] = [];
    for (let i = 0; i < repeats; i++) {
      const random = rng(seed, 'probe', at, i);
      values.push(
        estimate(
          Float64Array.from({ length: draws }, () => stableDraw(random, alpha)),
          block,
        ),
      );
      yield (at + (i + 1) / repeats) / indices.length;
    }
    found.push(values);
  }
  const middle = (values: readonly number[]) => bootstrap([values], ([all]) => mean(all!), seed);
  return {
    estimates: indices.map((alpha, i) => ({
      name: `estimate at α = ${alpha}`,
      ...middle(found[i]!),
      predicted: alpha,
      window: [alpha - 0.05, alpha + 0.05],
    })),
    curves: [
      {
        title: 'Estimated over true index',
        x: 'index of the draws',
        y: 'mean estimate',
        points: indices.map((x, i) => ({ x, y: mean(found[i]!), interval: middle(found[i]!).interval, predicted: x })),
      },
    ],
  };
}

export const stableEstimator: SimulatedClaim = {
  name: 'stableEstimator',
  title: 'Sums of samples tell the tail index',
  statement:
    'A sum of K draws of a symmetric stable law is as large as one of them times K to the power 1/α: comparing logarithms of the two gives the index, from Cauchy (1) to Gaussian (2).',
  formula:
    '\\frac1{\\hat\\alpha} = \\frac{\\overline{\\log|Y_k|} - \\overline{\\log|X_i|}}{\\log K},\\qquad Y_k = \\sum_{i \\in \\text{block } k} X_i',
  provenance: 'paper',
  assumptions: ['independent symmetric stable draws', 'blocks of 100'],
  recipe:
    '40,000 draws by Chambers, Mallows and Stuck, 10 times (full: 100,000, 40 times), at α = 1, 1.2, 1.5, 1.8, 2. The mean estimate must be within 0.05 of α.',
  discrepancy: 'The estimator saturates at 2: it tells nothing about tails of laws that have a variance.',
  example: {
    network: { kind: 'mlpChain', depth: 4, width: 32 },
    dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16 },
    optimizer: { kind: 'sgd', learningRate: 0.1 },
    metrics: { samples: 10, probeSize: 512 },
  },
  measure: (budget, seed) => ofKnownDraws(budget, seed),
};
