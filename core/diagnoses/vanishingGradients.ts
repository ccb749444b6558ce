/** @file The signal that moves the lower layers is lost on its way through the depth. */
import { entry } from '../catalog.ts';
import type { Diagnosis } from '../define.ts';
import { chainFaults, chainLawOf } from '../predictions/chainLaws.ts';
import type { Spec } from '../spec.ts';
import { powerOfTen, whenIn } from './evidence.ts';
import { lasting } from './rows.ts';
import { adaptive, criticalInit, residual, wider } from './remedies.ts';
import { signalMetrics, signals, type Signal } from './signal.ts';

const lost = 1e-2;
const least = ({ reaching }: Signal) => Math.min(...reaching);

/** The factor by which a norm falls in the median through so many layers of random weights; 1 where no law is known. */
const medianLoss = (spec: Spec, layers: number): number =>
  chainFaults({ spec, regularizer: entry('regularizer', spec.regularizer.kind) }).length > 0
    ? 1
    : Math.exp((-layers * chainLawOf({ spec }).law.mean) / 2);

export const vanishingGradients: Diagnosis = {
  card: {
    name: 'vanishingGradients',
    title: 'Vanishing gradients',
    formula: '\\min_k S_k \\le 10^{-2},\\quad S_k = \\frac{\\|g_k\\|}{\\|g_{top}\\|}\\cdot\\frac{\\|x_{top-1}\\|}{\\|x_{bottom-1}\\|}',
    about:
      'What the activations lose on their way up times what the errors lose on their way down, among equal layers. At a hundredth, plain descent needs a hundred times the steps; the threshold is our choice.',
    source: 'Orvieto, Kohler, Pavllo, Hofmann and Lucchi 2022',
  },
  fields: {},
  paper: 'orvieto2022vanishing',
  metrics: signalMetrics,
  examine(run) {
    const found = lasting(signals(run), (row) => least(row) <= lost);
    if (!found) return null;
    const { first, steps } = found;
    const { layers, reaching, upwards } = first;
    const smallest = least(first);
    const lowest = layers[reaching.indexOf(smallest)]!;
    const top = layers.at(-1)!;
    const expected = medianLoss(run.spec, layers.length - 1);
    const when = whenIn([first.step, first.step]);
    const fall =
      upwards === 0
        ? `no activation reaches ${top.name}, so no layer below has a gradient ${when}`
        : upwards <= smallest * 10
          ? `activations fall by ${powerOfTen(1 / upwards)} up to ${top.name} and with them the gradients of all layers ${when}`
          : `the gradient norm falls by ${powerOfTen(upwards / smallest)} from ${top.name} to ${lowest.name} ${when}`;
    const bySize = entry('optimizer', run.spec.optimizer.kind).gradientPower === undefined;
    return {
      severity: bySize ? 'fault' : 'note',
      layers: layers.filter((_, k) => reaching[k]! <= lost).map(({ index }) => index),
      steps,
      words: `${fall}${expected > 2 ? `; random weights lose ${powerOfTen(expected)} here in the median` : ''}${bySize ? '' : `; the steps of ${run.spec.optimizer.kind} do not depend on their size`}`,
      numbers: { reaching: smallest, upwards, ...(expected > 1 ? { expected } : {}) },
    };
  },
  remedies: (spec) => [...criticalInit(spec), ...residual(spec), ...wider(spec), ...adaptive(spec)],
};
