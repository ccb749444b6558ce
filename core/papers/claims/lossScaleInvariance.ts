/** @file NovoGrad's steps do not depend on the unit of the loss, nor on the size of a layer's gradient. */
import { dot } from '../../curvature/vectors.ts';
import { rng } from '../../rng.ts';
import { exact, type Budget, type Finding, type SimulatedClaim } from '../claim.ts';
import { changesOf } from '../simulations/optimizerSteps.ts';

const layers = 4;
const factors = [0.01, 0.1, 10, 100];
const sizes: Readonly<Record<Budget, { readonly steps: number; readonly size: number }>> = {
  tiny: { steps: 10, size: 16 },
  quick: { steps: 60, size: 64 },
  full: { steps: 1_000, size: 256 },
};
const length = (values: Float64Array): number => Math.sqrt(dot(values, values));
const learningRate = 0.01;
const epsilon = 1e-8;

/** @param optimizer the one that takes NovoGrad's place */
export function* underFactors(budget: Budget, seed: number, optimizer = 'novoGrad'): Generator<number, Finding> {
  const { steps, size } = sizes[budget];
  const random = rng(seed, 'probe');
  // the gradients of four layers are of sizes from 1 to 0.001
  const gradients = Array.from({ length: steps }, () =>
    Float64Array.from({ length: layers * size }, (_, i) => 10 ** -Math.floor(i / size) * random.normal()),
  );
  const steppedBy = (kind: string, factor: number) =>
    changesOf(kind, { learningRate, ...(kind === 'sgd' ? {} : { epsilon }) }, gradients.map((gradient) => gradient.map((value) => factor * value)), layers); // prettier-ignore
  const largest = (kind: string, factor: number) => {
    const [before, after] = [steppedBy(kind, 1), steppedBy(kind, factor)];
    return Math.max(...before.map((change, t) => length(change.map((value, i) => after[t]![i]! - value)) / length(change)));
  };
  const found: { factor: number; novoGrad: number; sgd: number }[] = [];
  for (const [i, factor] of factors.entries()) {
    found.push({ factor, novoGrad: largest(optimizer, factor), sgd: largest('sgd', factor) });
    yield (i + 1) / (factors.length + 1);
  }
  const first = steppedBy(optimizer, 1)[0]!;
  const norms = Array.from({ length: layers }, (_, l) => length(first.subarray(l * size, (l + 1) * size)) / learningRate);
  const curve = (title: string, of: 'novoGrad' | 'sgd', predicted: (factor: number) => number) => ({
    figure: 'Relative change of the updates when the loss is multiplied',
    title,
    x: 'factor on the loss',
    y: 'largest relative change of an update',
    log: { x: true },
    points: found.map((row) => ({ x: row.factor, y: row[of], predicted: predicted(row.factor) })),
  });
  // ε adds its share of the smallest gradient that a layer ever has, and β₁ carries it over about as many steps as it carries gradients
  const smallest = Math.min(...gradients.map((gradient) => length(gradient.subarray((layers - 1) * size)))) * Math.min(...factors);
  const allowed = (2 * epsilon) / smallest;
  return {
    estimates: [
      exact('largest relative change of an update, factors 0.01 to 100', Math.max(...found.map(({ novoGrad }) => novoGrad)), 0, [
        0,
        allowed,
      ]),
      exact('smallest norm of a layer’s first update over η', Math.min(...norms), 1, [0.999, 1.001]),
      exact('largest norm of a layer’s first update over η', Math.max(...norms), 1, [0.999, 1.001]),
      exact('SGD, change of an update under a factor of 10', found.find(({ factor }) => factor === 10)!.sgd, 9, [8.999, 9.001]),
    ],
    curves: [curve('NovoGrad', 'novoGrad', () => 0), curve('SGD', 'sgd', (factor) => Math.abs(factor - 1))],
  };
}

export const lossScaleInvariance: SimulatedClaim = {
  name: 'lossScaleInvariance',
  title: 'Multiplying the loss leaves NovoGrad’s steps as they are',
  statement:
    'NovoGrad divides each layer’s gradient by a running norm of that layer’s gradients: a factor on the loss cancels, and the first step of every layer has length η whatever the size of its gradient. The steps of SGD grow with the factor.',
  formula:
    'v_1 = \\|g_1\\|^2,\\quad v_t = \\beta_2 v_{t-1} + (1-\\beta_2)\\|g_t\\|^2,\\quad \\Delta w = -\\eta\\Bigl(\\beta_1 m + \\frac{g_t}{\\sqrt{v_t} + \\epsilon}\\Bigr)',
  provenance: 'paper',
  assumptions: ['no weight decay', 'ε is small against the norms of the gradients'],
  recipe:
    'Random gradients of four layers whose sizes span three orders, 60 steps (full: 1,000), each optimizer of the catalog as it trains. Under factors from 0.01 to 100 no update may change by more than what ε can do, twice its share of the smallest gradient, and the first updates of all layers must have the norm η to 0.1%.',
  example: {
    network: { kind: 'mlpChain', depth: 10, width: 64 },
    optimizer: { kind: 'novoGrad', learningRate: 0.01 },
    dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16 },
    steps: 500,
  },
  measure: (budget, seed) => underFactors(budget, seed),
};
