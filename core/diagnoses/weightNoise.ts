/** @file A part of the weights that the training data never touch, left over from the initialization. */
import type { Diagnosis } from '../define.ts';
import { clipsValues } from '../predictions/assumptions.ts';
import { offSpanShareWithMomentum } from '../theory/equilibrium.ts';
import { percent, whenIn } from './evidence.ts';
import { rowsOf } from './rows.ts';
import { decayOf } from './decay.ts';
import { descent, hiddenLayers } from './runFacts.ts';

const noisy = 0.1;

export const weightNoise: Diagnosis = {
  card: {
    name: 'weightNoise',
    title: 'Weight noise outside the span',
    formula: '\\|(I-P)W_1\\|_F^2/\\|W_1\\|_F^2 \\ge 0.1',
    about:
      'That part of the first kernel multiplies what no training input contains: descent never changes it, and inputs that leave the span meet it. Judged where the probe batch has at least twice as many examples as there are inputs; the spans of higher layers move. The tenth is our choice.',
    source: 'Liu, Cui, Wan, Mao and Chan 2021',
  },
  fields: {},
  paper: 'liu2021rescaling',
  metrics: ['weightNoiseFraction'],
  examine({ spec, series }) {
    const rows = rowsOf(series('weightNoiseFraction'));
    const last = rows.at(-1);
    const layer = hiddenLayers(spec)[0];
    const fraction = last?.values[0] ?? NaN;
    if (!last || !layer || spec.metrics.probeSize < 2 * layer.kernel.fanIn || !(fraction >= noisy)) return null;
    const decay = layer.kernel.frozen ? null : decayOf(spec);
    const rest = decay ? offSpanShareWithMomentum(decay, spec.steps) : 1;
    const kept = decay
      ? `; decay leaves ${percent(rest)} of its initial norm by the end of the run`
      : descent(spec) && spec.regularizer.kind === 'none' && !clipsValues({ spec })
        ? '; no step of descent ever changes it'
        : '';
    return {
      severity: rest > noisy ? 'fault' : 'note',
      layers: [0],
      steps: [rows.find(({ values }) => values[0]! >= noisy)!.step, last.step],
      words: `${percent(fraction)} of the squared weight norm of ${layer.name} lies outside the span of its inputs ${whenIn([last.step, last.step])}${kept}`,
      numbers: { fraction, rest },
    };
  },
  remedies: ({ optimizer, steps, network, regularizer }) => {
    // (1 - ηλ)ᵗ = 1/100 at the end of the run
    const coefficient = Number((Math.log(100) / ((optimizer.learningRate as number) * steps)).toPrecision(2));
    return [
      ...(coefficient <= 100
        ? [
            {
              words: `weight decay ${coefficient}, which takes it to a hundredth in this run`,
              change: { regularizer: { kind: 'l2', coefficient } },
            },
          ]
        : []),
      ...(network.normalization === 'batchNorm' && regularizer.kind !== 'weightRescaling'
        ? [{ words: 'weight rescaling, which shrinks what the gradient does not feed', change: { regularizer: 'weightRescaling' } }]
        : []),
    ];
  },
};
