/** @file Pictures of what acts on weights over time, from steps of the training program itself: the path of an optimizer, norms under a regularizer. */
import type { Data, Options } from './define.ts';
import type { Picture } from './pictures.ts';
import { openSteps } from './programs/steps.ts';
import { parseSpec } from './spec.ts';

/** Null where the kind has none. */
export function trainedPicture(kind: string, options: Options): Picture | null {
  return kind === 'optimizer' ? optimizerPicture(options) : kind === 'regularizer' ? regularizerPicture(options) : null;
}

/** Of the two directions of ½(κ w₁² + w₂²). */
const condition = 15;
const begin = [0.5, 1] as const;
const mostSteps = 2_000;
const loss = (w: readonly number[]): number => (condition * w[0]! ** 2 + w[1]! ** 2) / 2;
/** Two examples, one along each axis, whose mean half squared error is the quadratic. */
const axes: Data = {
  inputs: Float64Array.of(Math.sqrt(2 * condition), 0, 0, Math.SQRT2),
  values: new Float64Array(2),
  n: 2,
  inputSize: 2,
  outputSize: 1,
};
const plain = { runtime: { precision: 'float64' }, metrics: { step: ['loss'] }, curvature: { enabled: false } } as const;

/** The weights of a readout on two features that stay the inputs. */
export function optimizerPath(optimizer: Options): {
  readonly path: readonly (readonly number[])[];
  readonly end: 'settled' | 'left' | 'going';
} {
  const steps = openSteps(
    parseSpec({
      ...plain,
      optimizer,
      network: { kind: 'twoLayer', width: 2, trained: 'readout' },
      activation: 'linear',
      loss: 'meanSquaredError',
      dataset: { kind: 'teacherStudent' },
      batchSize: 2,
      steps: mostSteps,
    }),
    { data: { train: axes, heldOut: axes } },
  );
  steps.set('hidden.weight', Float64Array.of(1, 0, 0, 1));
  steps.set('readout.weight', Float64Array.from(begin));
  const path: (readonly number[])[] = [begin];
  for (let t = 0; t < mostSteps; t++) {
    const now = Array.from(steps.step().next.get('readout.weight')!);
    if (!(loss(now) <= 20 * loss(begin))) return { path, end: 'left' };
    path.push(now);
    if (loss(now) <= 1e-3 * loss(begin)) return { path, end: 'settled' };
  }
  return { path, end: 'going' };
}

const ends = {
  settled: 'until the loss is a thousandth of its start',
  left: 'then it leaves: the loss has grown twentyfold',
  going: 'not there yet',
} as const;

function optimizerPicture(options: Options): Picture {
  const { path, end } = optimizerPath(options);
  const angles = Float64Array.from({ length: 97 }, (_, i) => (2 * Math.PI * i) / 96);
  const steps = path.length - 1;
  return {
    form: 'path',
    caption: `Its path on ½(${condition} w₁² + w₂²): ${steps.toLocaleString('en')} ${steps === 1 ? 'step' : 'steps'}, ${ends[end]}; ellipses of equal loss, a factor 4 from one to the next`,
    xLabel: 'w₂',
    yLabel: 'w₁',
    x: Float64Array.from(path, ([, flat]) => flat!),
    y: Float64Array.from(path, ([steep]) => steep!),
    levels: [4, 1, 1 / 4, 1 / 16, 1 / 64].map((share) => {
      const radius = Math.sqrt(2 * share * loss(begin));
      return {
        x: angles.map((angle) => radius * Math.cos(angle)),
        y: angles.map((angle) => (radius / Math.sqrt(condition)) * Math.sin(angle)),
      };
    }),
  };
}

const shownSteps = 240;
/** Norm of the one kernel that a batch normalization follows. */
function normsUnder(regularizer: Options): Float64Array {
  const steps = openSteps(
    parseSpec({
      ...plain,
      metrics: { step: ['loss', 'weightNorm'] },
      network: { kind: 'mlpChain', depth: 1, width: 8, normalization: 'batchNorm' },
      dataset: { kind: 'gaussianMixture', classes: 4, inputs: 8, train: 96, heldOut: 4 },
      optimizer: { kind: 'sgd', learningRate: 0.5 },
      regularizer,
      batchSize: 16,
      steps: shownSteps,
    }),
  );
  return Float64Array.from({ length: shownSteps }, () => steps.step().metrics.weightNorm![0]!);
}

function regularizerPicture(options: Options): Picture {
  const under = normsUnder(options);
  const without = options.kind === 'none' ? null : normsUnder({ kind: 'none' });
  return {
    form: 'curves',
    caption: `Norm of a kernel in front of a batch normalization over ${shownSteps} steps of SGD, η = 0.5, at these options${without ? ', and without them' : ''}; one seed`,
    xLabel: 'step',
    x: Float64Array.from({ length: shownSteps }, (_, t) => t),
    curves: [
      { label: without ? 'with' : '‖w‖', values: under, regularizer: options.kind },
      ...(without ? [{ label: 'none', values: without, regularizer: 'none' }] : []),
    ],
  };
}
