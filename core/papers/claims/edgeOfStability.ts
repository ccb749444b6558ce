/** @file Full-batch gradient descent sharpens until the largest Hessian eigenvalue is two over the learning rate, and stays there. */
import { column, type RunResult } from '../../results.ts';
import { median } from '../../statistics.ts';
import { bootstrap, type Budget, type TrainedClaim } from '../claim.ts';
import { lean, seedsOf, estimateOver } from '../arms.ts';

const regression = {
  network: { kind: 'mlpChain', depth: 2, width: 20 },
  activation: 'tanh',
  init: 'lecun',
  dataset: { kind: 'chebyshev', degree: 4, train: 20 },
  loss: 'meanSquaredError',
  batchSize: 20,
};
/** Sharpness is measured so often in a run. */
const measurements = 40;
const reaching = [0.1, 0.2, 0.4];
/** Too small a rate for most draws: the sharpness levels off below its edge. */
const below = 0.05;
const sizes: Readonly<Record<Budget, { readonly seeds: number; readonly steps: Readonly<Record<number, number>> }>> = {
  tiny: { seeds: 1, steps: { 0.4: 2_000, 0.2: 4_000, [below]: 6_000 } },
  quick: { seeds: 4, steps: { 0.4: 4_000, 0.2: 8_000, 0.1: 12_000, [below]: 24_000 } },
  full: { seeds: 12, steps: { 0.4: 12_000, 0.2: 24_000, 0.1: 24_000, [below]: 48_000 } },
};

const rateOf = ({ spec }: RunResult) => spec.optimizer.learningRate as number;
/** Sharpness over 2/η, at each step measured. */
const shares = (run: RunResult) => {
  const { steps, values } = column(run.series('hessianTop'));
  return { steps, values: values.map((value) => (value * rateOf(run)) / 2) };
};
/** Its median over the second half of a run that has ended. */
function settled(run: RunResult): number[] {
  const { steps, values } = shares(run);
  const late = values.filter((_, i) => steps[i]! >= run.spec.steps / 2);
  return steps.at(-1) === run.spec.steps ? [median(late)] : [];
}

export const edgeOfStability: TrainedClaim = {
  name: 'edgeOfStability',
  title: 'Gradient descent trains at the edge of stability',
  statement:
    'With full-batch gradient descent the sharpness rises until it is 2/η, beyond which a quadratic would diverge, and hovers there while the loss goes on falling. With a learning rate so small that the solution is found first the edge is not reached.',
  formula: '\\lambda_{\\max}(\\nabla^2 L(w_t)) \\to 2/\\eta',
  provenance: 'paper',
  assumptions: ['full batch, plain gradient descent', 'tanh network 1-20-20-1 on 20 values of the Chebyshev polynomial of degree 4'],
  recipe:
    'η = 0.4, 0.2, 0.1 and 0.05 for 4,000 to 24,000 steps (full: 12,000 to 48,000), 4 seeds (full: 12), 40 measurements of the largest eigenvalue each. The median over seeds of its median over the second half, times η/2, must be within 0.05 of 1 for the three larger rates and below 0.95 for 0.05. Sizes and rates are our choice.',
  discrepancy:
    'Whether the smallest rate reaches the edge depends on the draw: with η = 0.05 the sharpness of our seeds levels off at 0.6 to 0.95 of it, still rising slowly; among other draws we saw one arrive after 20,000 steps.',
  example: {
    ...regression,
    optimizer: { kind: 'gradientDescent', learningRate: 0.2 },
    steps: 4_000,
    metrics: { every: 10, evaluationEvery: 1_000 },
    curvature: { every: 100, topK: 3, batchSize: 20 },
  },
  specs: (budget, seed) =>
    seedsOf(seed, sizes[budget].seeds).flatMap((each) =>
      Object.entries(sizes[budget].steps).map(([rate, steps]) => ({
        ...lean,
        ...regression,
        optimizer: { kind: 'gradientDescent', learningRate: Number(rate) },
        steps,
        seed: each,
        metrics: { ...lean.metrics, every: steps, evaluationEvery: steps },
        curvature: { every: steps / measurements, topK: 1, batchSize: 20, blocks: false, trace: false, directions: false },
        runtime: { ...lean.runtime, precision: 'float64' },
      })),
    ),
  metrics: ['hessianTop'],
  judge(runs, seed) {
    const rates = [...new Set(runs.map(rateOf))].sort((a, b) => a - b);
    const of = (rate: number) => runs.filter((run) => rateOf(run) === rate);
    const middle = (rate: number, predicted: number, window: readonly [number, number]) =>
      estimateOver(`sharpness · η/2 at η = ${rate}`, [of(rate).flatMap(settled)], ([all]) => median(all!), { predicted, window, seed });
    const known = rates.filter((rate) => reaching.includes(rate));
    return {
      estimates: [...(known.length > 0 ? known : reaching).map((rate) => middle(rate, 1, [0.95, 1.05])), middle(below, NaN, [0, 0.95])],
      curves: rates.map((rate) => {
        const all = of(rate).map(shares);
        const steps = (all[0]?.steps ?? []).filter((step) => all.every((one) => one.steps.includes(step)));
        return {
          figure: 'Sharpness over the edge',
          title: `η = ${rate}`,
          x: 'η · step',
          y: 'sharpness · η/2',
          law: '2/\\eta',
          points: steps.map((step) => {
            const values = all.map((one) => one.values[one.steps.indexOf(step)]!);
            const { value: y, interval } = bootstrap([values], ([drawn]) => median(drawn!), seed);
            return { x: rate * step, y, interval, predicted: rate === below ? null : 1 };
          }),
        };
      }),
    };
  },
};
