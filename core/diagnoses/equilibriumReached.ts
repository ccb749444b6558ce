/** @file Growth by the gradient and shrinking by decay balance: weights turn at a fixed speed and keep their norm. */
import type { Diagnosis } from '../define.ts';
import { median } from '../statistics.ts';
import { equilibriumAngle, equilibriumTime } from '../theory/equilibrium.ts';
import { inWords, whenIn } from './evidence.ts';
import { together } from './rows.ts';
import { namesOf } from './runFacts.ts';
import { decayOf, decayedInvariant } from './decay.ts';

export const equilibriumReached: Diagnosis = {
  card: {
    name: 'equilibriumReached',
    title: 'Equilibrium of weight decay',
    formula:
      '\\Bigl|\\frac{\\theta}{\\sqrt{2\\eta\\lambda/(1+\\mu)}} - 1\\Bigr| \\le 0.1,\\quad \\Bigl|\\frac{\\|w\\|_{T}}{\\|w\\|_{T/2}} - 1\\Bigr| \\le 0.1',
    about:
      'In front of a normalization each step turns the weights by √(2ηλ/(1+μ)) whatever the gradient, and the norm stays. From here on decay sets the effective learning rate, nothing else. Medians over the last quarter of the run; the tenths are our choice.',
    source: 'Wan, Zhu, Zhang and Sun 2021',
  },
  fields: {},
  paper: 'liu2021rescaling',
  metrics: ['weightAngle', 'weightNorm'],
  examine(run) {
    const decay = decayOf(run.spec);
    const layers = decayedInvariant(run.spec);
    const rows = together(run, ['weightAngle', 'weightNorm']);
    if (!decay || layers.length === 0 || rows.length < 8) return null;
    const predicted = equilibriumAngle(decay);
    const part = (from: number, to: number) => rows.slice(Math.floor(from * rows.length), Math.floor(to * rows.length));
    const over = (range: typeof rows, metric: number, index: number) => median(range.map(({ values }) => values[metric]![index]!));
    const balanced = layers.filter(({ index }) => {
      const angle = over(part(0.75, 1), 0, index) / predicted;
      const norm = over(part(0.75, 1), 1, index) / over(part(0.5, 0.75), 1, index);
      return Math.abs(angle - 1) <= 0.1 && Math.abs(norm - 1) <= 0.1;
    });
    if (balanced.length === 0) return null;
    const angle = median(balanced.map(({ index }) => over(part(0.75, 1), 0, index)));
    const steps = [part(0.75, 1)[0]!.step, rows.at(-1)!.step] as const;
    return {
      severity: 'note',
      layers: balanced.map(({ index }) => index),
      steps,
      words: `weights of ${namesOf(balanced)} turn by ${inWords(angle)} rad a step, ${inWords(predicted)} predicted, at a constant norm ${whenIn(steps)}`,
      numbers: { angle, predicted, time: equilibriumTime(decay), layers: balanced.length },
    };
  },
  remedies: (spec) => [
    { words: 'weight rescaling, which sets norm and angular speed by hand', change: { regularizer: 'weightRescaling' } },
    { words: 'a learning rate that falls, so that the turning slows down', change: { schedule: 'cosine' } },
    ...(spec.regularizer.coefficient === undefined
      ? []
      : [
          {
            words: 'a tenth of the decay: turning slows by √10',
            change: { regularizer: { ...spec.regularizer, coefficient: (spec.regularizer.coefficient as number) / 10 } },
          },
        ]),
  ],
};
