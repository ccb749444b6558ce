/** @file The control: with enough width SGD fits at the depth at which a narrow network stands still. */
import { median } from '../../statistics.ts';
import { bootstrap, type Budget, type TrainedClaim } from '../claim.ts';
import { armSpecs, finalLosses, estimateOver, runsOf, type Arm } from '../arms.ts';
import { chance, fourClasses } from './narrowNetworks.ts';

const depth = 32;
const sgd = { kind: 'sgd', learningRate: 0.01 };
const adam = { kind: 'adam', learningRate: 0.001 };
const arm = (width: number, optimizer: Arm['optimizer']): Arm => ({
  title: `width ${width}`,
  network: { kind: 'mlpChain', depth, width },
  optimizer,
});
const widths = [8, 16, 32, 64];
const wide = widths.at(-1)!;
const sizes: Readonly<Record<Budget, { readonly seeds: number; readonly arms: readonly Arm[] }>> = {
  tiny: { seeds: 1, arms: [arm(8, sgd), arm(wide, sgd), arm(wide, adam)] },
  quick: { seeds: 3, arms: [...widths.map((width) => arm(width, sgd)), arm(wide, adam)] },
  full: { seeds: 12, arms: [...widths.flatMap((width) => [arm(width, sgd), arm(width, adam)])] },
};

export const widthRescues: TrainedClaim = {
  name: 'widthRescues',
  title: 'Width of the order of the depth rescues SGD',
  statement:
    'At depth 32 SGD, too, fits four Gaussian classes within 400 steps once the layers are 64 wide; with 8 units it does not begin.',
  formula: 'd \\gtrsim L',
  provenance: 'paper',
  assumptions: ['ReLU, He, Gaussian weights, depth 32', '512 standardized samples of four Gaussian classes in 16 dimensions, batch 64'],
  recipe:
    'SGD with η = 0.01 at widths 8, 16, 32, 64 and Adam with η = 0.001 at width 64, 400 steps, 3 seeds (full: Adam at every width, 12). The median training loss must be below 0.01 at width 64 for both, and above 0.4 for SGD at width 8. Data and rates are our choice.',
  example: { ...fourClasses, network: arm(wide, sgd).network, optimizer: sgd },
  specs: (budget, seed) => armSpecs(fourClasses, sizes[budget].arms, seed, sizes[budget].seeds),
  metrics: ['trainLoss'],
  judge(runs, seed) {
    const losses = (width: number, optimizer: Arm['optimizer']) => finalLosses(runsOf(arm(width, optimizer), runs), chance);
    const middle = (name: string, values: readonly number[], predicted: number, window: readonly [number, number]) =>
      estimateOver(name, [values], ([all]) => median(all!), { predicted, window, seed });
    const curve = (title: string, optimizer: Arm['optimizer']) => ({
      figure: 'Training loss after 400 steps',
      title,
      x: 'width',
      y: 'training loss',
      log: { x: true, y: true },
      points: widths
        .map((x) => ({ x, values: losses(x, optimizer) }))
        .filter(({ values }) => values.length > 0)
        .map(({ x, values }) => {
          const { value: y, interval } = bootstrap([values], ([all]) => median(all!), seed);
          return { x, y, interval, predicted: null };
        }),
    });
    return {
      estimates: [
        middle('SGD at width 64, final loss', losses(wide, sgd), 0, [0, 0.01]),
        middle('Adam at width 64, final loss', losses(wide, adam), 0, [0, 0.01]),
        middle('SGD at width 8, final loss', losses(8, sgd), chance, [0.4, Infinity]),
      ],
      curves: [curve('SGD, η = 0.01', sgd), curve('Adam, η = 0.001', adam)].filter(({ points }) => points.length > 1),
    };
  },
};
