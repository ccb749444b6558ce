/** @file A narrow deep network on four Gaussian classes: SGD hardly moves, Adam and RMSprop fit. */
import type { RunResult } from '../../results.ts';
import { median } from '../../statistics.ts';
import type { Finding, TrainedClaim } from '../claim.ts';
import { armSpecs, finalLosses, lossCurve, estimateOver, runsOf, type Arm } from '../arms.ts';

const network = { kind: 'mlpChain', depth: 32, width: 16 };
export const fourClasses = {
  init: 'he',
  dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16, radius: 1.5, noise: 0.5, train: 512, heldOut: 64 },
  batchSize: 64,
  steps: 400,
} as const;
/** The loss of guessing among four classes. */
export const chance = Math.log(4);

const slow: readonly Arm[] = [
  { title: 'SGD, η = 0.01', network, optimizer: { kind: 'sgd', learningRate: 0.01 } },
  { title: 'SGD, η = 0.1', network, optimizer: { kind: 'sgd', learningRate: 0.1 } },
];
const adam: Arm = { title: 'Adam, η = 0.001', network, optimizer: { kind: 'adam', learningRate: 0.001 } };
const rmsprop: Arm = { title: 'RMSprop, η = 0.001', network, optimizer: { kind: 'rmsprop', learningRate: 0.001, decay: 0.9 } };
const arms = [...slow, adam, rmsprop];

export const narrowNetworks: TrainedClaim = {
  name: 'narrowNetworks',
  title: 'SGD stays on the plateau of a narrow deep network, Adam leaves it',
  statement:
    'With 32 ReLU layers of width 16 SGD is far from fitting four Gaussian classes after 400 steps, whatever of two learning rates it takes, while Adam and RMSprop have fitted them: their steps do not shrink with the gradient.',
  formula: '\\Delta w_{\\mathrm{SGD}} = -\\eta g,\\qquad \\Delta w_{\\mathrm{Adam}} \\approx -\\eta\\, g/|g|',
  provenance: 'paper',
  assumptions: ['ReLU, He, Gaussian weights', '512 standardized samples of four Gaussian classes in 16 dimensions, batch 64'],
  recipe:
    'SGD with η = 0.01 and 0.1, Adam and RMSprop with η = 0.001, 400 steps, 4 seeds (full: 12), each trained here. The median training loss must be above 0.4 for the better SGD and below 0.1 for Adam and for RMSprop. A run that diverges counts as one that guesses. Data and rates are our choice.',
  example: { ...fourClasses, network, optimizer: adam.optimizer },
  specs: (budget, seed) => armSpecs(fourClasses, arms, seed, { tiny: 1, quick: 4, full: 12 }[budget]),
  metrics: ['trainLoss'],
  judge(runs: readonly RunResult[], seed: number): Finding {
    const losses = (arm: Arm) => finalLosses(runsOf(arm, runs), chance);
    const lowest = (groups: readonly (readonly number[])[]) => Math.min(...groups.map(median));
    return {
      estimates: [
        estimateOver('final loss of the better SGD', slow.map(losses), lowest, { predicted: chance, window: [0.4, Infinity], seed }),
        ...[adam, rmsprop].map((arm) =>
          estimateOver(`final loss of ${arm.title}`, [losses(arm)], lowest, { predicted: 0, window: [0, 0.1], seed }),
        ),
      ],
      curves: arms.map((arm) => lossCurve('Training loss, median over seeds', arm, runs, seed)),
    };
  },
};
