/** @file Residual connections let the narrowest deep network train, with SGD as with Adam. */
import { median } from '../../statistics.ts';
import type { Budget, TrainedClaim } from '../claim.ts';
import { armSpecs, finalLosses, lossCurve, estimateOver, runsOf, type Arm } from '../arms.ts';
import { chance, fourClasses } from './narrowNetworks.ts';

const residual = { kind: 'resnet', depth: 48, width: 8, branch: 'res3', beta: 0.5 };
const plain: Arm = {
  title: 'SGD without residuals',
  network: { kind: 'mlpChain', depth: 48, width: 8 },
  optimizer: { kind: 'sgd', learningRate: 0.1 },
};
const arms: readonly Arm[] = [
  { title: 'SGD, η = 0.1, residual', network: residual, optimizer: { kind: 'sgd', learningRate: 0.1 } },
  { title: 'Adam, η = 0.001, residual', network: residual, optimizer: { kind: 'adam', learningRate: 0.001 } },
];
const base = { ...fourClasses, steps: 500 };
const seeds: Readonly<Record<Budget, number>> = { tiny: 1, quick: 3, full: 12 };

export const residualsRescue: TrainedClaim = {
  name: 'residualsRescue',
  title: 'Residual connections rescue SGD',
  statement:
    'With 48 layers of width 8 a plain network stays at the loss of guessing; 48 residual blocks of the same width, their branches scaled by one over the root of their number, fit within 500 steps with SGD and with Adam.',
  formula: 'h \\leftarrow h + L^{-1/2}\\, V \\phi(W h)',
  provenance: 'paper',
  assumptions: [
    'branches end in a zero-mean linear map, weights of variance 1/d',
    '512 standardized samples of four Gaussian classes in 16 dimensions, batch 64',
  ],
  recipe:
    '48 blocks of width 8, SGD with η = 0.1 and Adam with η = 0.001, 500 steps, 3 seeds (full: 12): median training losses below 0.1. A plain chain of 48 layers, He, SGD with η = 0.1: above 1.3 (log 4 = 1.386). Data and rates are our choice.',
  example: { ...base, init: 'lecun', network: residual, optimizer: arms[0]!.optimizer },
  specs: (budget, seed) => [
    ...armSpecs({ ...base, init: 'lecun' }, arms, seed, seeds[budget]),
    ...armSpecs(base, [plain], seed, seeds[budget]),
  ],
  metrics: ['trainLoss'],
  judge(runs, seed) {
    const middle = (arm: Arm, predicted: number, window: readonly [number, number]) =>
      estimateOver(`final loss, ${arm.title}`, [finalLosses(runsOf(arm, runs), chance)], ([all]) => median(all!), {
        predicted,
        window,
        seed,
      });
    return {
      estimates: [...arms.map((arm) => middle(arm, 0, [0, 0.1])), middle(plain, chance, [1.3, Infinity])],
      curves: [...arms, plain].map((arm) => lossCurve('Training loss, median over seeds', arm, runs, seed)),
    };
  },
};
