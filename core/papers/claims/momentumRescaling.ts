/** @file Weight rescaling beside optimizers with momentum and with second moments: it removes noise and costs no accuracy. */
import type { RunResult } from '../../results.ts';
import { meanOver, seedsOf } from '../arms.ts';
import type { Budget, Finding, TrainedClaim } from '../claim.ts';
import { accuracyCurves, offSpanMetrics, offSpanSpec, outcomes, pairedGain, type Arm } from './offSpan.ts';

const optimizers = {
  momentum: { title: 'SGD with momentum', learningRate: 0.05 },
  adam: { title: 'Adam', learningRate: 0.01 },
  novoGrad: { title: 'NovoGrad', learningRate: 0.02 },
} as const;
type Kind = keyof typeof optimizers;
const kinds = Object.keys(optimizers) as Kind[];
const arm = (kind: Kind, regularizer: Arm['regularizer'], label: string): Arm => ({
  title: `${optimizers[kind].title}, ${label}`,
  optimizer: { kind, learningRate: optimizers[kind].learningRate },
  regularizer,
});
const plain = kinds.map((kind) => arm(kind, { kind: 'none' }, 'none'));
const rescaled = kinds.map((kind) => arm(kind, { kind: 'weightRescaling' }, 'WRS'));
/** Decay as it is usual with each, for the figure. */
const decayed = [
  arm('momentum', { kind: 'l2', coefficient: 5e-3 }, 'WD 5e-3'),
  arm('adam', { kind: 'l2', coefficient: 5e-3 }, 'WD 5e-3'),
  arm('adam', { kind: 'decoupledWeightDecay', coefficient: 0.3 }, 'decoupled WD 0.3'),
];
const arms = [...plain, ...rescaled, ...decayed];
const sizes: Readonly<Record<Budget, { readonly arms: readonly Arm[]; readonly steps: number; readonly seeds: number }>> = {
  tiny: { arms: [...plain, ...rescaled], steps: 1_000, seeds: 2 },
  quick: { arms, steps: 2_000, seeds: 2 },
  full: { arms, steps: 3_000, seeds: 10 },
};

export function judgeMomentum(runs: readonly RunResult[], seed: number): Finding {
  const found = outcomes(arms, runs);
  return {
    estimates: kinds.flatMap((kind, k) => {
      const [without, within] = [found[k]!, found[kinds.length + k]!];
      const { title } = optimizers[kind];
      return [
        pairedGain(`${title}, off the span: WRS minus none`, within.off, without.off, NaN, [0.1, 1], seed),
        pairedGain(`${title}, clean: WRS minus none`, within.clean, without.clean, 0, [-0.03, 1], seed),
        meanOver(`${title}: noise share with WRS over none`, ratio(within.share, without.share), 0, [0, 0.7], seed),
      ];
    }),
    curves: accuracyCurves(arms, found),
  };
}
const ratio = (over: ReadonlyMap<number, number>, under: ReadonlyMap<number, number>): number[] =>
  [...over].flatMap(([seed, value]) => (under.has(seed) ? [value / under.get(seed)!] : []));

export const momentumRescaling: TrainedClaim = {
  name: 'momentumRescaling',
  title: 'Rescaling does not degrade optimizers with momentum',
  statement:
    'The first version claims that weight rescaling regularizes as weight decay does without its trouble beside momentum-type optimizers: on clean inputs nothing is lost, and the weight noise goes.',
  formula: 'w \\leftarrow \\frac{w + \\Delta w}{\\|w + \\Delta w\\|},\\qquad \\Delta w\\ \\text{of SGD with momentum, Adam, NovoGrad}',
  provenance: 'paper',
  assumptions: [
    'momentum kept as it is when weights are rescaled',
    'learning rates chosen for unit norms: Adam turns weights by η√n_in a step, so its rate has to be set anew',
    'the task of inputs in a subspace with 20% random labels',
  ],
  recipe:
    'Two hidden layers of 32 with batch normalization, 2,000 steps, 2 seeds (10 in the full version): with momentum, Adam and NovoGrad, WRS above none by 0.1 off the span, not more than 0.03 below on clean inputs, with at most 0.7 of its share of noise. The bounds are our choice.',
  example: offSpanSpec(rescaled[1]!, 1, 2_000, 1),
  specs: (budget, seed) =>
    sizes[budget].arms.flatMap((of) =>
      seedsOf(seed, sizes[budget].seeds, 100).flatMap((run) =>
        ([0, 1] as const).map((shift) => offSpanSpec(of, shift, sizes[budget].steps, run)),
      ),
    ),
  metrics: offSpanMetrics,
  judge: (runs, seed) => judgeMomentum(runs, seed),
};
