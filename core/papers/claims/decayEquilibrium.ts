/** @file Under weight decay the norm and the angle of a step settle where growth by the gradient and shrinking balance. */
import { decayOf } from '../../predictions/weightDecay.ts';
import { column, type RunResult } from '../../results.ts';
import { mean } from '../../statistics.ts';
import { equilibriumAngle, equilibriumNorm, type Decay } from '../../theory/equilibrium.ts';
import { byArm, leanOver, meanOver, seedsOf } from '../arms.ts';
import type { Budget, Estimate, Finding, TrainedClaim } from '../claim.ts';

const metrics = ['weightAngle', 'weightNorm', 'gradNorm'] as const;
const layers = [0, 1];
const stepsOf: Readonly<Record<Budget, number>> = { tiny: 3_000, quick: 6_000, full: 20_000 };
/** Of the run, from its end: by then the norm has had a dozen of its time constants. */
const settled = 1 / 2;

const decays: Readonly<Record<Budget, readonly Decay[]>> = {
  tiny: [
    { learningRate: 0.2, decay: 0.01, momentum: 0 },
    { learningRate: 0.02, decay: 0.01, momentum: 0.9 },
  ],
  quick: [
    { learningRate: 0.2, decay: 0.01, momentum: 0 },
    { learningRate: 0.4, decay: 0.01, momentum: 0 },
    { learningRate: 0.02, decay: 0.01, momentum: 0.9 },
    { learningRate: 0.04, decay: 0.01, momentum: 0.9 },
  ],
  full: [0, 0.9].flatMap((momentum) =>
    [0.01, 0.02].flatMap((decay) => [0.1, 0.2, 0.4].map((rate) => ({ learningRate: rate * (1 - momentum), decay, momentum }))),
  ),
};
const seeds: Readonly<Record<Budget, number>> = { tiny: 1, quick: 3, full: 10 };

const specOf = ({ learningRate, decay, momentum }: Decay, steps: number, seed: number) => ({
  network: { kind: 'mlpChain', depth: 2, width: 16, normalization: 'batchNorm' },
  dataset: { kind: 'lowRank', inputs: 10, rank: 10, radius: 0.3, labelNoise: 0.2, train: 20_000, heldOut: 100 },
  optimizer: momentum > 0 ? { kind: 'momentum', learningRate, momentum } : { kind: 'sgd', learningRate },
  regularizer: { kind: 'l2', coefficient: decay },
  batchSize: 8,
  seed,
  ...leanOver(steps, metrics),
});

/** Of one layer in the settled part: the angle of a step, and ‖W‖⁴ with G² = ‖g‖²‖W‖² it follows from. */
function balance(run: RunResult, layer: number): { angle: number; fourth: number; slopeOnSphere: number } {
  const [angle, weight, gradient] = metrics.map((metric) => column(run.series(metric), layer).values);
  const from = Math.floor(angle!.length * (1 - settled));
  const late = (of: (i: number) => number) => mean(angle!.slice(from).map((_, i) => of(from + i)));
  return {
    angle: Math.sqrt(late((i) => angle![i]! ** 2)),
    fourth: late((i) => weight![i]! ** 4),
    slopeOnSphere: Math.sqrt(late((i) => (gradient![i]! * weight![i]!) ** 2)),
  };
}

/** A run that diverged settled nowhere. */
const diverged: ReturnType<typeof balance> = { angle: NaN, fourth: NaN, slopeOnSphere: NaN };

export interface Laws {
  readonly angle: (decay: Decay) => number;
  readonly norm: (decay: Decay, gradientOnSphere: number) => number;
}
const laws: Laws = { angle: equilibriumAngle, norm: equilibriumNorm };

export function judgeEquilibrium(runs: readonly RunResult[], seed: number, { angle, norm }: Laws = laws): Finding {
  const arms = [...byArm(runs, (run) => JSON.stringify(decayOf(run))).values()];
  const measured = arms.map((of) => ({
    decay: decayOf(of[0]!),
    layers: of.flatMap((run) => layers.map((layer) => (run.status === 'finished' ? balance(run, layer) : diverged))),
  }));
  const estimates = measured.flatMap(({ decay, layers: each }): Estimate[] => {
    const { learningRate, decay: lambda, momentum } = decay;
    const title = `η = ${learningRate}, λ = ${lambda}${momentum > 0 ? `, μ = ${momentum}` : ''}`;
    return [
      meanOver(
        `${title}: angle over the law`,
        each.map((layer) => layer.angle / angle(decay)),
        1,
        [0.95, 1.05],
        seed,
      ),
      meanOver(
        `${title}: ‖W‖⁴ over the law`,
        each.map(({ fourth, slopeOnSphere }) => fourth / norm(decay, slopeOnSphere) ** 4),
        1,
        [0.95, 1.05],
        seed,
      ),
    ];
  });
  const line = (momentum: boolean) => {
    const of = measured.filter(({ decay, layers: each }) => decay.momentum > 0 === momentum && !each.includes(diverged));
    return {
      figure: 'Angle of a step in equilibrium',
      title: momentum ? 'SGD with momentum' : 'SGD',
      x: '2ηλ/(1+μ)',
      y: 'angle',
      log: { x: true, y: true },
      law: '\\sqrt{2\\eta\\lambda/(1+\\mu)}',
      points: of
        .map(({ decay, layers: each }) => ({ x: angle(decay) ** 2, y: mean(each.map((layer) => layer.angle)), predicted: angle(decay) }))
        .sort((a, b) => a.x - b.x),
    };
  };
  return {
    estimates,
    curves: [
      line(false),
      line(true),
      ...measured.flatMap(({ decay, layers: [first] }, i) => (first === diverged ? [] : approach(arms[i]![0]!, decay, norm))),
    ],
  };
}

/** The norm of each layer on its way, with the level it settles at. */
function approach(run: RunResult, decay: Decay, norm: Laws['norm']): Finding['curves'] {
  return layers.map((layer) => {
    const { steps: at, values } = column(run.series('weightNorm'), layer);
    const level = norm(decay, balance(run, layer).slopeOnSphere);
    return {
      figure: `Norms, η = ${decay.learningRate}, λ = ${decay.decay}, μ = ${decay.momentum}`,
      title: `layer ${layer + 1}`,
      x: 'step',
      y: '‖W‖',
      law: '\\left(\\eta G^2/2\\lambda(1-\\mu)\\right)^{1/4}',
      points: at.flatMap((x, i) => (i % Math.ceil(at.length / 60) === 0 ? [{ x, y: values[i]!, predicted: level }] : [])),
    };
  });
}

export const decayEquilibrium: TrainedClaim = {
  name: 'decayEquilibrium',
  title: 'Weight decay settles at a norm, and at an angle that does not depend on the gradient',
  statement:
    'In front of batch normalization gradients lengthen the weights and decay shortens them. Where both balance each step turns the weights by an angle set by learning rate, decay and momentum alone, whatever layer and loss.',
  formula:
    '\\theta = \\sqrt{2\\eta\\lambda/(1+\\mu)},\\qquad \\|W\\|^4 = \\eta G^2/\\bigl(2\\lambda(1-\\mu)\\bigr),\\quad G = \\|g\\|\\,\\|W\\|',
  provenance: 'derived',
  assumptions: [
    'gradients that persist: 20% random labels, batches of 8',
    'gradients of successive steps nearly uncorrelated',
    'coupled decay of all kernels, inside the momentum',
  ],
  recipe:
    'Two hidden layers of 16 units with batch normalization, 6,000 steps, the second half counts: root mean square angle and mean ‖W‖⁴ of both layers within 5% of the laws, with and without momentum 0.9, at two learning rates each and three seeds (full: six pairs of rate and decay each, 20,000 steps, ten seeds).',
  discrepancy:
    'The law is of the equilibrium. Data and rates were chosen so that it is reached and the gradient persists: where a run has not settled, or its gradient goes on falling because the data are fitted, angles down to half of the law were measured.',
  example: specOf({ learningRate: 0.02, decay: 0.01, momentum: 0.9 }, 6_000, 1),
  specs: (budget, seed) =>
    decays[budget].flatMap((decay) => seedsOf(seed, seeds[budget], 100).map((of) => specOf(decay, stepsOf[budget], of))),
  metrics,
  judge: (runs, seed) => judgeEquilibrium(runs, seed),
};
