/** @file Integrable networks with unscaled biases or weights of mean 1, trained: they do not learn either, whatever the activation. */
import { lastRow, type RunResult } from '../../results.ts';
import { median } from '../../statistics.ts';
import { curveOfRuns, overSeeds, repeated, leanOver } from '../arms.ts';
import type { Budget, Estimate, TrainedClaim } from '../claim.ts';

/** He variance for ReLU and GELU, LeCun's for ELU and tanh. */
const inits: Readonly<Record<string, string>> = { relu: 'he', gelu: 'he', elu: 'lecun', tanh: 'lecun' };
const titles: Readonly<Record<string, string>> = { relu: 'ReLU', gelu: 'GELU', elu: 'ELU', tanh: 'tanh' };
const words: Readonly<Record<string, string>> = { ipBias: 'biases', ipNonCentred: 'mean 1', muP: 'muP' };
type Pair = readonly [parameterization: string, activation: string];

const sizes: Readonly<
  Record<Budget, { width: number; depth: number; steps: number; rates: readonly number[]; seeds: number; pairs: readonly Pair[] }>
> = {
  tiny: {
    width: 48,
    depth: 6,
    steps: 80,
    rates: [0.1],
    seeds: 2,
    pairs: [
      ['ipBias', 'relu'],
      ['ipBias', 'elu'],
      ['ipNonCentred', 'relu'],
      ['muP', 'relu'],
    ],
  },
  quick: {
    width: 128,
    depth: 6,
    steps: 200,
    rates: [0.05, 0.2],
    seeds: 2,
    pairs: [
      ...Object.keys(inits).map((activation): Pair => ['ipBias', activation]),
      ['ipNonCentred', 'relu'],
      ['ipNonCentred', 'elu'],
      ['muP', 'relu'],
    ],
  },
  full: {
    width: 1024,
    depth: 6,
    steps: 600,
    rates: [0.01, 0.05, 0.2],
    seeds: 5,
    pairs: Object.keys(words).flatMap((name) => Object.keys(inits).map((activation): Pair => [name, activation])),
  },
};
const spec = (budget: Budget, [parameterization, activation]: Pair, rate: number) => {
  const { width, depth, steps } = sizes[budget];
  return {
    network: { kind: 'mlpChain', depth, width, bias: parameterization === 'ipBias' },
    activation,
    init: inits[activation],
    parameterization,
    dataset: { kind: 'gaussianMixture', radius: 1.5, noise: 0.5, train: 2000, heldOut: 500 },
    batchSize: 128,
    ...leanOver(steps, ['loss']),
    optimizer: { kind: 'sgd', learningRate: rate },
  };
};

const accuracy = (run: RunResult) => lastRow(run.series('heldOutAccuracy'))?.[0] ?? 0; // a run that diverged labels nothing
const best = (groups: readonly (readonly number[])[]) => Math.max(...groups.map(median));
const keyOf = ({ spec: { parameterization, activation } }: RunResult): Pair => [parameterization.kind, activation.kind];

export const variantsStandStill: TrainedClaim = {
  name: 'variantsStandStill',
  title: 'Biases or a mean do not make deep integrable networks learn',
  statement:
    'With unscaled biases six hidden layers stay at the accuracy of guessing, whatever the activation; with weights of mean 1 all units of a layer do the same and few classes are told apart. muP learns the same data.',
  formula: '\\text{accuracy} \\to \\tfrac1{10}\\ \\text{(biases)}',
  provenance: 'paper',
  assumptions: [
    'L = 6 hidden layers',
    'plain SGD on softmax cross-entropy over 10 classes',
    'biases of deviation 1 and their own large first rates; weights of mean 1 at the rates of the naive parameterization',
  ],
  recipe:
    'm = 128, ten Gaussian classes, batch 128, 200 steps, the better of rates 0.05 and 0.2, 2 seeds (full: m = 1,024, 600 steps, three rates, 5 seeds, every activation). Held-out accuracy: 0.05 to 0.15 with biases, below 0.5 with a mean, and 0.95 or more with muP.',
  discrepancy:
    'The authors’ runs on CIFAR-10 end at an accuracy of exactly 0.100 with biases and all four activations, which we find on easier data. For weights with a mean their outcome was not at hand: the bound is ours.',
  example: spec('quick', ['ipBias', 'relu'], 0.05),
  metrics: ['loss', 'heldOutAccuracy'],
  specs(budget, seed) {
    const { pairs, rates, seeds } = sizes[budget];
    return repeated(
      pairs.flatMap((pair) => rates.map((rate) => spec(budget, pair, rate))),
      seed,
      seeds,
    );
  },
  judge(runs, seed) {
    const arms = [...Map.groupBy(runs, (run) => keyOf(run).join()).values()].map((all) => ({
      pair: keyOf(all[0]!),
      rates: [...Map.groupBy(all, ({ spec }) => spec.optimizer.learningRate).values()],
    }));
    const title = ([name, activation]: Pair) => `${words[name]!}, ${titles[activation]!}`;
    const windows: Readonly<Record<string, readonly [number, number]>> = {
      ipBias: [0.05, 0.15],
      ipNonCentred: [0, 0.5],
      muP: [0.95, 1],
    };
    return {
      estimates: arms.map(({ pair, rates }): Estimate => ({
        name: `${title(pair)}: held-out accuracy`,
        ...overSeeds(rates, accuracy, best, seed),
        predicted: pair[0] === 'ipBias' ? 0.1 : NaN,
        window: windows[pair[0]]!,
      })),
      curves: arms.flatMap(({ pair, rates }) =>
        rates.map((all) =>
          curveOfRuns(all, 'loss', {
            figure: `Loss, ${words[pair[0]]!}`,
            title: `${titles[pair[1]]!}, rate ${all[0]!.spec.optimizer.learningRate as number}`,
            y: 'loss',
          }),
        ),
      ),
    };
  },
};
