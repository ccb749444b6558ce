/** @file The signal grows on its way through the depth, or with the steps until it is no number any more. */
import type { Diagnosis } from '../define.ts';
import type { RunResult } from '../results.ts';
import { batchNormExplosion } from '../theory/depthLaws.ts';
import { inWords, powerOfTen, whenIn, type Evidence } from './evidence.ts';
import { criticalInit, lowerRate, residual } from './remedies.ts';
import { lasting, rowsOf } from './rows.ts';
import { signalMetrics, signals, type Signal } from './signal.ts';

const tooMuch = 1e2;
const most = ({ reaching }: Signal) => Math.max(...reaching);

export const explodingGradients: Diagnosis = {
  card: {
    name: 'explodingGradients',
    title: 'Exploding gradients',
    formula:
      '\\max_k S_k \\ge 10^{2},\\quad S_k = \\frac{\\|g_k\\|}{\\|g_{top}\\|}\\cdot\\frac{\\|x_{top-1}\\|}{\\|x_{bottom-1}\\|}\\quad\\text{or}\\quad \\|g\\| \\to \\infty',
    about:
      'A lower layer gets a hundred times the signal that a network would give it which keeps norms; or the gradient grows with the steps until it overflows. The threshold is our choice.',
    source: 'Orvieto, Kohler, Pavllo, Hofmann and Lucchi 2022',
  },
  fields: {},
  paper: 'orvieto2022vanishing',
  metrics: [...signalMetrics, 'gradientGlobalNorm', 'loss'],
  examine: (run) => throughDepth(run) ?? throughTime(run),
  remedies: (spec) => [
    ...criticalInit(spec),
    ...residual(spec),
    lowerRate(spec, (spec.optimizer.learningRate as number) / 10),
    { words: 'clip the gradient’s norm at 1', change: { clipping: { kind: 'globalNorm', threshold: 1 } } },
  ],
};

function throughDepth(run: RunResult): Evidence | null {
  const found = lasting(signals(run), (row) => most(row) >= tooMuch);
  if (!found) return null;
  const { first, steps } = found;
  const { layers, reaching, upwards } = first;
  const largest = most(first);
  const place = layers[reaching.indexOf(largest)]!;
  const top = layers.at(-1)!;
  const when = whenIn([first.step, first.step]);
  const expected = run.spec.network.normalization === 'batchNorm' ? batchNormExplosion ** (top.index - place.index) : 1;
  const growth =
    upwards * 10 >= largest
      ? `activations grow by ${powerOfTen(upwards)} up to ${top.name} ${when}`
      : `the gradient norm grows by ${powerOfTen(largest / upwards)} from ${top.name} down to ${place.name} ${when}`;
  return {
    severity: 'fault',
    layers: layers.filter((_, k) => reaching[k]! >= tooMuch).map(({ index }) => index),
    steps,
    words: `${growth}${expected > 1 ? `; batch normalization without skip connections multiplies it by 1.21 per layer, ${powerOfTen(expected)} here` : ''}`,
    numbers: { reaching: largest, upwards, ...(expected > 1 ? { expected } : {}) },
  };
}

function throughTime(run: RunResult): Evidence | null {
  const gradient = rowsOf(run.series('gradientGlobalNorm')).map(({ step, values }) => ({ step, norm: values[0]! }));
  const loss = rowsOf(run.series('loss')).find(({ values }) => !Number.isFinite(values[0]!));
  const broken = gradient.find(({ norm }) => !Number.isFinite(norm));
  if (!broken && !loss) return null;
  const end = Math.min(broken?.step ?? Infinity, loss?.step ?? Infinity);
  const before = gradient.filter(({ step, norm }) => step < end && norm > 0);
  const smallest = before.reduce<(typeof before)[number] | undefined>(
    (least, row) => (least && least.norm <= row.norm ? least : row),
    undefined,
  );
  const last = before.at(-1);
  const grew = smallest && last && last.norm > smallest.norm ? last.norm / smallest.norm : null;
  return {
    severity: 'fault',
    layers: [],
    steps: [grew === null ? end : smallest!.step, end],
    words: `${loss && loss.step === end ? 'the loss' : 'the gradient'} is no finite number any more at step ${end.toLocaleString('en')}${
      grew === null
        ? ''
        : `; from step ${smallest!.step.toLocaleString('en')} on the gradient norm grew by ${powerOfTen(grew)}, to ${inWords(last!.norm)}`
    }`,
    numbers: { end, ...(grew === null ? {} : { grew, last: last!.norm }) },
  };
}
