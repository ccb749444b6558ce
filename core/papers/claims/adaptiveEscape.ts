/** @file Steps until a deep chain has left the plateau: exponential in depth for gradient descent, flat for adaptive steps. */
import { median } from '../../statistics.ts';
import { bootstrap, type Budget, type Finding, type SimulatedClaim } from '../claim.ts';
import { descentEscape, escapeSteps, type Stepper } from '../simulations/chain.ts';

const sizes: Readonly<Record<Budget, { readonly draws: number; readonly depths: readonly number[] }>> = {
  tiny: { draws: 5, depths: [10, 20] },
  quick: { draws: 5, depths: [5, 10, 15, 20] },
  full: { draws: 20, depths: [5, 10, 15, 20, 25] },
};
const titles: Readonly<Record<Stepper, string>> = {
  gradientDescent: 'gradient descent, η = 0.05',
  adam: 'Adam, η = 0.01',
  rmsprop: 'RMSprop, η = 0.01',
};
const kinds = Object.keys(titles) as Stepper[];

/** @param escape steps of one chain until its loss is below 0.05 */
export function* escapes(budget: Budget, seed: number, escape = escapeSteps): Generator<number, Finding> {
  const { draws, depths } = sizes[budget];
  const steps: Record<Stepper, number[][]> = { gradientDescent: [], adam: [], rmsprop: [] };
  let done = 0;
  for (const kind of kinds)
    for (const depth of depths) {
      steps[kind].push(Array.from({ length: draws }, (_, i) => escape(kind, depth, seed * 1000 + i)));
      yield ++done / (depths.length * kinds.length);
    }
  const at = (kind: Stepper, depth: number) => steps[kind][depths.indexOf(depth)]!;
  const ratio = (kind: Stepper) => bootstrap([at(kind, 20), at(kind, 10)], ([long, short]) => median(long!) / median(short!), seed);
  return {
    estimates: [
      {
        name: 'gradient descent, steps at depth 20 over depth 10',
        ...ratio('gradientDescent'),
        predicted: descentEscape(20) / descentEscape(10),
        window: [20, Infinity],
      },
      { name: 'Adam, the same ratio', ...ratio('adam'), predicted: 1, window: [0, 1.5] },
      { name: 'RMSprop, the same ratio', ...ratio('rmsprop'), predicted: 1, window: [0, 1.5] },
    ],
    curves: kinds.map((kind) => ({
      figure: 'Escape from the plateau',
      title: titles[kind],
      x: 'depth',
      y: 'steps until the loss is below 0.05',
      log: { y: true },
      points: depths.map((x, i) => ({
        x,
        y: median(steps[kind][i]!),
        interval: bootstrap([steps[kind][i]!], ([drawn]) => median(drawn!), seed).interval,
        predicted: kind === 'gradientDescent' ? descentEscape(x) : null,
      })),
    })),
  };
}

export const adaptiveEscape: SimulatedClaim = {
  name: 'adaptiveEscape',
  title: 'Adam leaves the plateau, gradient descent does not',
  statement:
    'From the flat region of a deep chain gradient descent needs a number of steps that is exponential in the depth; Adam and RMSprop need hardly more for twice the depth.',
  formula: 'T_{\\mathrm{GD}} \\approx \\frac{w_0^{-(L-2)}}{(L-2)\\,\\eta},\\qquad T_{\\mathrm{Adam}} = O(1)',
  provenance: 'derived',
  assumptions: ['width 1, squared error, target 1', 'weights of 0.64, each up to 5% off'],
  recipe:
    'Depths 5, 10, 15, 20 (full: 25 too), until the loss is below 0.05, 5 draws (full: 20). Gradient descent must take more than 20 times as many steps at depth 20 as at depth 10, Adam and RMSprop less than 1.5 times.',
  example: {
    network: { kind: 'mlpChain', depth: 32, width: 16 },
    optimizer: { kind: 'adam', learningRate: 0.001 },
    dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16 },
    steps: 400,
  },
  measure: (budget, seed) => escapes(budget, seed),
};
