/** @file Layers whose activations are the same direction for every example. */
import type { Diagnosis } from '../define.ts';
import { sampleVarianceFractions } from '../theory/depthLaws.ts';
import { inWords, whenIn } from './evidence.ts';
import { residual } from './remedies.ts';
import { lasting, rowsOf } from './rows.ts';
import { hiddenLayers, namesOf } from './runFacts.ts';

const left = 1e-3;

export const rankCollapse: Diagnosis = {
  card: {
    name: 'rankCollapse',
    title: 'Rank collapse',
    formula: '1 - \\overline{\\cos(x_b^\\ell, x_c^\\ell)} \\le 10^{-3}\\quad\\text{in the last hidden layer}',
    about:
      'All examples excite the same units in the same proportion, so the layers above cannot tell them apart. He-initialized ReLU layers come to a thousandth at a depth of about 200; the threshold is our choice.',
    source: 'Hajjar, Chizat and Giraud 2021; Luther and Seung 2019',
  },
  fields: {},
  paper: 'hajjar2021integrable',
  metrics: ['sampleCorrelation'],
  examine(run) {
    const hidden = hiddenLayers(run.spec);
    const top = hidden.at(-1);
    if (!top) return null;
    const collapsed = (values: readonly number[], index: number) => 1 - values[index]! <= left;
    const found = lasting(rowsOf(run.series('sampleCorrelation')), ({ values }) => collapsed(values, top.index));
    if (!found) return null;
    const { first, steps } = found;
    const healthy = hidden.findLastIndex(({ index }) => !collapsed(first.values, index));
    const layers = hidden.slice(healthy + 1);
    const rest = 1 - first.values[top.index]!;
    const { kind, normalization, depth } = run.spec.network as { kind: string; normalization?: string; depth?: number };
    const plain = kind === 'mlpChain' && normalization === 'none' && run.spec.activation.kind === 'relu' && run.spec.init.kind === 'he';
    const expected = plain ? sampleVarianceFractions(depth! + 1).at(-1)! : null;
    return {
      severity: 'fault',
      layers: layers.map(({ index }) => index),
      steps,
      words: `activations of two examples have a mean cosine of 1${rest > 1e-12 ? ` less ${inWords(rest)}` : ''} in ${top.name} ${whenIn([first.step, first.step])}; the collapse spans ${namesOf(layers)}${
        expected === null ? '' : `; wide ReLU layers of this depth keep ${inWords(expected)} of uncorrelated inputs`
      }`,
      numbers: { rest, layers: layers.length, ...(expected === null ? {} : { expected }) },
    };
  },
  remedies: (spec) => [
    ...(spec.parameterization.kind === 'standard'
      ? []
      : [{ words: 'maximal updates (muP), which keep features apart', change: { parameterization: 'muP' } }]),
    ...residual(spec),
    ...(spec.network.normalization === 'none'
      ? [
          {
            words: 'batch normalization, which takes out what all examples share',
            change: { network: { ...spec.network, normalization: 'batchNorm' } },
          },
        ]
      : []),
    ...(spec.activation.kind === 'relu' ? [{ words: 'ELU, whose mean is nearer to 0', change: { activation: 'elu' } }] : []),
  ],
};
