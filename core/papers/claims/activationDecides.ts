/** @file Large initial rates in deep integrable networks: after the first step all samples excite the same units where the activation is ReLU, not where it is smooth. */
import { lastRow, rowAt, type RunResult } from '../../results.ts';
import { median } from '../../statistics.ts';
import { curveOfRuns, overSeeds, repeated, leanOver } from '../arms.ts';
import type { Budget, Curve, Estimate, TrainedClaim } from '../claim.ts';
import { finalLoss } from './stationaryStart.ts';

/** Variance of W √n such that a signal of small size keeps it: the authors’, but for GELU, where they take 4. */
const inits = { relu: 'he', gelu: 'he', elu: 'lecun', tanh: 'lecun' } as const;
type Function = keyof typeof inits;
const functions = Object.keys(inits) as Function[];
const titles = { relu: 'ReLU', gelu: 'GELU', elu: 'ELU', tanh: 'tanh' };
const parameterizations = {
  ipLlr: { kind: 'ipLlr', calibrate: true },
  muP: 'muP',
  ip: 'ip',
} as const;
type Name = keyof typeof parameterizations;
const words: Readonly<Record<Name, string>> = { ipLlr: 'IP-LLR', muP: 'muP', ip: 'naive' };

const sizes: Readonly<
  Record<Budget, { width: number; depths: number[]; steps: number; rates: number[]; seeds: number; pairs: (readonly [Name, Function])[] }>
> = {
  tiny: {
    width: 40,
    depths: [6],
    steps: 80,
    rates: [0.1],
    seeds: 2,
    pairs: [
      ['ipLlr', 'relu'],
      ['ipLlr', 'elu'],
      ['muP', 'relu'],
    ],
  },
  quick: {
    width: 128,
    depths: [6],
    steps: 200,
    rates: [0.05, 0.2],
    seeds: 2,
    pairs: (['ipLlr', 'muP'] as const).flatMap((name) => functions.map((of) => [name, of] as const)),
  },
  full: {
    width: 1024,
    depths: [4, 6],
    steps: 600,
    rates: [0.01, 0.05, 0.2],
    seeds: 5,
    pairs: (['ipLlr', 'muP', 'ip'] as const).flatMap((name) => functions.map((of) => [name, of] as const)),
  },
};

function spec(name: Name, of: Function, { width, depth, steps, rate }: { width: number; depth: number; steps: number; rate: number }) {
  const fields = leanOver(steps, ['loss']);
  return {
    ...fields,
    network: { kind: 'mlpChain', depth, width, bias: false },
    activation: of,
    init: inits[of],
    parameterization: parameterizations[name],
    dataset: { kind: 'gaussianMixture', radius: 1.5, noise: 0.5, train: 2000, heldOut: 500 },
    batchSize: 128,
    optimizer: { kind: 'sgd', learningRate: rate },
    metrics: { ...fields.metrics, ...(steps < 10 ? { host: ['argmaxDiversity', 'activationRank'], samples: 1, probeSize: 256 } : {}) },
  };
}

interface Key {
  readonly name: Name;
  readonly of: Function;
  readonly depth: number;
}
const keyOf = ({ spec: { parameterization, activation, network } }: RunResult): Key => ({
  name: parameterization.kind as Name,
  of: activation.kind as Function,
  depth: Number(network.depth),
});
const finite = (value: number) => (Number.isFinite(value) ? value : Infinity);
const accuracy = (run: RunResult) => lastRow(run.series('heldOutAccuracy'))?.[0] ?? NaN;
/** Of the last hidden layer, after one step. */
const afterStep = (metric: string) => (run: RunResult) => rowAt(run.series(metric), 1)?.at(-2) ?? NaN;
const least = (groups: readonly (readonly number[])[]) => Math.min(...groups.map(median));
const most = (groups: readonly (readonly number[])[]) => Math.max(...groups.map(median));

export const activationDecides: TrainedClaim = {
  name: 'activationDecides',
  title: 'With large initial rates the activation decides: ReLU collapses, ELU learns',
  statement:
    'The first step leaves hidden matrices of low rank, so all samples excite the same units. With ReLU six layers of them send every sample the same way and the network does not recover; with ELU, GELU and tanh it learns, and muP learns with all of them.',
  formula: 'W_1^\\ell \\approx \\Delta W_0^\\ell\\ \\text{of low rank},\\qquad \\#\\{\\arg\\max_j x^L_j\\} \\approx 1\\ \\text{(ReLU)}',
  provenance: 'paper',
  assumptions: [
    'L = 6 hidden layers, no biases, He variance for ReLU and GELU, LeCun’s for ELU and tanh (our choice; the authors take 4 for GELU)',
    'the first rates calibrated as the authors do: hidden layers change by 1, the output by 0.1',
    'plain SGD on softmax cross-entropy',
  ],
  recipe:
    'm = 128, ten Gaussian classes, batch 128, 200 steps, the better of rates 0.05 and 0.2, 2 seeds (full: m = 1,024, L = 4 and 6, 600 steps, three rates, 5 seeds, the naive rates too). IP-LLR with ReLU: after one step at most 3 units lead the last hidden layer over 256 samples, its activations have rank below 1.5, and the loss stays above 0.5. IP-LLR with ELU: loss below 0.05. Every other pair, and muP with all four: loss below 1, accuracy above 0.95; where IP-LLR learns, at least 4 units lead. The bounds on rank, on the loss of ReLU and on the 4 units are our choice.',
  discrepancy:
    'The theory of the limit makes no difference between activations, and the paper says so. The wide limit of the hidden features keeps few directions in every case; ReLU loses the last of them.',
  example: spec('ipLlr', 'relu', { width: 128, depth: 6, steps: 200, rate: 0.05 }),
  metrics: ['loss', 'heldOutAccuracy', 'argmaxDiversity', 'activationRank'],
  specs(budget, seed) {
    const { width, depths, steps, rates, seeds, pairs } = sizes[budget];
    const arms = depths.flatMap((depth) =>
      pairs.flatMap(([name, of]) => [
        ...(name === 'ip' || (budget === 'tiny' && name === 'muP') ? [] : [spec(name, of, { width, depth, steps: 2, rate: rates[0]! })]),
        ...rates.map((rate) => spec(name, of, { width, depth, steps, rate })),
      ]),
    );
    return repeated(arms, seed, seeds);
  },
  judge(runs, seed) {
    const arms = [...Map.groupBy(runs, (run) => JSON.stringify(keyOf(run))).values()].map((all) => ({
      ...keyOf(all[0]!),
      looks: [all.filter(({ spec }) => spec.steps < 10)],
      trained: [
        ...Map.groupBy(
          all.filter(({ spec }) => spec.steps >= 10),
          ({ spec }) => spec.optimizer.learningRate,
        ).values(),
      ],
    }));
    const estimates = arms.flatMap(({ name, of, depth, looks, trained }): Estimate[] => {
      const title = `${words[name]}, ${titles[of]}, L = ${depth}`;
      const one = ([all]: readonly (readonly number[])[]) => median(all!);
      const loss = overSeeds(trained, (run) => finite(finalLoss(run)), least, seed);
      const right = overSeeds(trained, accuracy, most, seed);
      const diversity = overSeeds(looks, afterStep('argmaxDiversity'), one, seed);
      if (name === 'ip') return [{ name: `${title}: final loss`, ...loss, predicted: Math.log(10), window: [2.295, 2.305] }];
      if (name === 'ipLlr' && of === 'relu' && depth >= 6)
        return [
          { name: `${title}: leading units after the first step`, ...diversity, predicted: 1, window: [1, 3] },
          {
            name: `${title}: rank of the last hidden layer after it`,
            ...overSeeds(looks, afterStep('activationRank'), one, seed),
            predicted: 1,
            window: [1, 1.5],
          },
          { name: `${title}: final loss`, ...loss, predicted: NaN, window: [0.5, Infinity] },
        ];
      const learns: Estimate = {
        name: `${title}: final loss`,
        ...loss,
        predicted: 0,
        window: [0, name === 'ipLlr' && of === 'elu' ? 0.05 : 1],
      };
      const generalizes: Estimate = { name: `${title}: held-out accuracy`, ...right, predicted: NaN, window: [0.95, 1] };
      const spreads: Estimate = {
        name: `${title}: leading units after the first step`,
        ...diversity,
        predicted: NaN,
        window: [4, Infinity],
      };
      return name === 'ipLlr' && of !== 'relu' ? [learns, generalizes, spreads] : [learns, generalizes];
    });
    const last = ({ name, of, depth }: Key) => `${words[name]}, ${titles[of]}${depth === 6 ? '' : `, L = ${depth}`}`;
    const layers = arms.flatMap(({ looks: [all], ...key }): Curve[] => {
      const rows = all!.flatMap((run) => rowAt(run.series('activationRank'), 1) ?? []);
      const count = key.depth;
      return rows.length === 0
        ? []
        : [
            {
              figure: 'Rank of the activations after the first step',
              title: last(key),
              x: 'hidden layer',
              y: 'trace rank',
              points: Array.from({ length: count }, (_, layer) => ({
                x: layer + 1,
                y: median(rows.filter((_, i) => i % (count + 1) === layer)),
                predicted: null,
              })),
            },
          ];
    });
    const losses = arms.map(({ trained, ...key }) => {
      const best = trained.toSorted(
        (a, b) => median(a.map((run) => finite(finalLoss(run)))) - median(b.map((run) => finite(finalLoss(run)))),
      )[0];
      return curveOfRuns(best ?? [], 'loss', { figure: 'Loss at the better rate', title: last(key), y: 'loss' });
    });
    return { estimates, curves: [...losses, ...layers].filter(({ points }) => points.length > 0) };
  },
};
