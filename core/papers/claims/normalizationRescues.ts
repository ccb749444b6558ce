/** @file Batch normalization as a remedy: the first version's abstract lists it, a plain deep chain contradicts it. */
import { median } from '../../statistics.ts';
import type { Budget, TrainedClaim } from '../claim.ts';
import { armSpecs, finalLosses, lossCurve, estimateOver, runsOf, type Arm } from '../arms.ts';
import { chance, fourClasses } from './narrowNetworks.ts';

const network = { kind: 'mlpChain', depth: 48, width: 8, normalization: 'batchNorm' };
const slow: readonly Arm[] = [0.01, 0.1].map((learningRate) => ({
  title: `SGD, η = ${learningRate}`,
  network,
  optimizer: { kind: 'sgd', learningRate },
}));
const adam: Arm = { title: 'Adam, η = 0.001', network, optimizer: { kind: 'adam', learningRate: 0.001 } };
const base = { ...fourClasses, steps: 500 };
const seeds: Readonly<Record<Budget, number>> = { tiny: 1, quick: 3, full: 12 };
/** Below it a network has learned: what narrow networks with SGD do not reach. */
const learned = 0.4;

export const normalizationRescues: TrainedClaim = {
  name: 'normalizationRescues',
  title: 'Batch normalization rescues narrow deep networks',
  statement:
    'The first version of the paper counts normalization among the remedies: it keeps the size of activations and with it that of gradients. Put to the test: 48 normalized layers of width 8, without residual connections, on four Gaussian classes.',
  formula:
    '\\hat h = \\frac{h - \\overline h}{\\sqrt{\\operatorname{Var} h + \\epsilon}},\\qquad \\|\\delta^{\\ell-1}\\|/\\|\\delta^\\ell\\| \\to \\sqrt{\\pi/(\\pi-1)}',
  provenance: 'paper',
  assumptions: [
    'normalization after each kernel, no residual connections',
    '512 standardized samples of four Gaussian classes in 16 dimensions, batch 64',
  ],
  recipe:
    'SGD with η = 0.01 and 0.1 and Adam with η = 0.001, 500 steps, 3 seeds (full: 12). To count as a remedy the median training loss of the better SGD and that of Adam must be below 0.4, the line that separates SGD from Adam without normalization (our choice).',
  discrepancy:
    'Not so here. Normalization stops the decay forward, but backward each normalized ReLU layer multiplies the gradient by 1.21, so that over 48 layers it explodes; neither SGD nor Adam comes near fitting. What does help at this depth and width are residual connections. The conference version no longer centres on normalization.',
  example: { ...base, network, optimizer: adam.optimizer },
  specs: (budget, seed) => armSpecs(base, [...(budget === 'tiny' ? slow.slice(1) : slow), adam], seed, seeds[budget]),
  metrics: ['trainLoss'],
  judge(runs, seed) {
    const losses = (arm: Arm) => finalLosses(runsOf(arm, runs), chance);
    const lowest = (groups: readonly (readonly number[])[]) => Math.min(...groups.map(median));
    const trained = slow.map(losses).filter(({ length }) => length > 0);
    const wanted = { predicted: 0, window: [0, learned], seed } as const;
    return {
      estimates: [
        estimateOver('final loss of the better SGD', trained.length > 0 ? trained : [[]], lowest, wanted),
        estimateOver('final loss of Adam', [losses(adam)], lowest, wanted),
      ],
      curves: [...slow, adam]
        .map((arm) => lossCurve('Training loss with batch normalization, median over seeds', arm, runs, seed))
        .filter(({ points }) => points.length > 0),
    };
  },
};
