/** @file A polynomial activation has a Gram matrix of bounded rank, however wide the network: with more points than that it is singular. */
import { rng } from '../../rng.ts';
import { mean } from '../../statistics.ts';
import { polynomialRank as rankOf, polynomialRankBound } from '../../theory/gramLaws.ts';
import { bootstrap, type Budget, type Finding, type SimulatedClaim } from '../claim.ts';
import { drawnGram, eigenvalues, spherePoints } from '../simulations/gram.ts';

/** Powers of the correlation in ρ k₁(ρ). */
const activations = { quadratic: [2], cubic: [1, 3] } as const;
const sizes: Readonly<
  Record<Budget, { readonly n: number; readonly width: number; readonly draws: number; readonly dimensions: readonly number[] }>
> = {
  tiny: { n: 50, width: 400, draws: 2, dimensions: [2, 3, 5, 10] },
  quick: { n: 50, width: 1_000, draws: 5, dimensions: [2, 3, 4, 5, 6, 8, 10, 20] },
  full: { n: 120, width: 4_000, draws: 10, dimensions: [2, 3, 4, 5, 6, 8, 10, 15, 20] },
};
/** Relative to the largest eigenvalue: what is left of a zero after rounding is a thousand times smaller. */
const tolerance = 1e-11;

/** @param predictedRank of n points in d dimensions */
export function* ranks(budget: Budget, seed: number, predictedRank = rankOf): Generator<number, Finding> {
  const { n, width, draws, dimensions } = sizes[budget];
  const kinds = Object.keys(activations) as (keyof typeof activations)[];
  const found = kinds.map(() => dimensions.map((): number[] => []));
  for (const [at, dimension] of dimensions.entries()) {
    for (const [k, kind] of kinds.entries())
      for (let draw = 0; draw < draws; draw++) {
        const random = rng(seed, 'data', draw, dimension);
        const values = eigenvalues(drawnGram(random, spherePoints(random, n, dimension), width, kind));
        found[k]![at]!.push(values.filter((value) => value > tolerance * values[0]!).length);
      }
    yield (at + 1) / dimensions.length;
  }
  return {
    estimates: kinds.flatMap((kind, k) =>
      dimensions.map((dimension, at) => {
        const predicted = predictedRank(n, dimension, activations[kind]);
        return {
          name: `${kind} in ${dimension} dimensions, rank`,
          ...bootstrap([found[k]![at]!], ([values]) => mean(values!), seed),
          predicted,
          window: [predicted, predicted] as const,
        };
      }),
    ),
    curves: [
      ...kinds.map((kind, k) => ({
        figure: `Rank of the Gram matrix of ${n} points`,
        title: kind,
        x: 'dimension',
        y: 'rank',
        points: dimensions.map((x, at) => ({ x, y: mean(found[k]![at]!), predicted: predictedRank(n, x, activations[kind]) })),
      })),
      {
        figure: `Rank of the Gram matrix of ${n} points`,
        title: 'cubic, bound that counts both powers',
        x: 'dimension',
        y: 'rank',
        points: dimensions.map((x) => ({ x, y: Math.min(n, polynomialRankBound(x, activations.cubic)), predicted: null })),
      },
    ],
  };
}

export const polynomialRank: SimulatedClaim = {
  name: 'polynomialRank',
  title: 'Polynomial activations have Gram matrices of bounded rank',
  statement:
    'With a polynomial activation the gradients of all units are polynomials in the input, a space of finite dimension: more points than that make the Gram matrix singular at any width.',
  formula:
    "\\operatorname{rank} G = \\min\\bigl(n, \\tbinom{d'+1}{2}\\bigr)\\ (z^2),\\qquad \\min\\bigl(n, \\tbinom{d'+2}{3}\\bigr)\\ (z^3)",
  provenance: 'derived',
  assumptions: ['points of length 1 in general position', 'hidden layer trained, more units than points'],
  recipe:
    'Finite networks of 1,000 units on 50 random points: the number of eigenvalues above 1e-11 of the largest equals the prediction in every dimension from 2 to 20, for the quadratic and the cubic.',
  discrepancy:
    "Counting powers apart gives the cubic the bound d' + C(d'+2, 3), 40 in five dimensions. The linear part is a cubic times ‖x‖², so it adds nothing: the rank is C(d'+2, 3), 35 there. The bound holds and is not reached.",
  example: {
    network: { kind: 'twoLayer', width: 1024, trained: 'hidden' },
    activation: 'quadratic',
    init: 'lecun',
    dataset: { kind: 'sphere', inputs: 5 },
    batchSize: 50,
    loss: 'meanSquaredError',
    optimizer: { kind: 'gradientDescent' },
    metrics: { gram: 'auto' },
  },
  measure: (budget, seed) => ranks(budget, seed),
};
