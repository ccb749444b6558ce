/** @file What an entry of the catalog looks like, computed from the entry itself: a function and its derivatives, a law of weights, data. */
import { entry, type SpecKind } from './catalog.ts';
import type { InitRequest, Options } from './define.ts';
import { createBuilder } from './graph/builder.ts';
import { gradient } from './graph/differentiate.ts';
import { evaluate } from './graph/evaluate.ts';
import type { Node } from './graph/node.ts';
import { rng } from './rng.ts';

export interface Curve {
  readonly label: string;
  readonly values: Float64Array;
  /** Whose colour it has. */
  readonly regularizer?: string;
}
export type Picture = { readonly caption: string; readonly xLabel: string } & (
  | { readonly form: 'curves'; readonly x: Float64Array; readonly curves: readonly Curve[] }
  /** `density` of each bin between two `edges`; spikes are finite because bins are. */
  | { readonly form: 'histogram'; readonly edges: Float64Array; readonly density: Float64Array }
  | { readonly form: 'points'; readonly yLabel: string; readonly x: Float64Array; readonly y: Float64Array; readonly groups: Int32Array }
  /** Weights step by step, over curves on which the loss is the same. */
  | {
      readonly form: 'path';
      readonly yLabel: string;
      readonly x: Float64Array;
      readonly y: Float64Array;
      readonly levels: readonly { readonly x: Float64Array; readonly y: Float64Array }[];
    }
  /** Square grey images, rows from above, values as they are fed to a network. */
  | { readonly form: 'images'; readonly side: number; readonly images: readonly Float64Array[] }
);

/** Null where there is nothing to draw, or nothing before a file is read. */
export function picture(kind: string, name: string, options: Options): Picture | null {
  const draw: Partial<Record<string, (name: string, options: Options) => Picture | null>> = {
    activation: activationPicture,
    init: initPicture,
    schedule: schedulePicture,
    loss: lossPicture,
    dataset: datasetPicture,
  } satisfies Partial<Record<SpecKind, unknown>>;
  return draw[kind]?.(name, options) ?? null;
}

const range = (from: number, to: number, count: number) =>
  Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

/** f and its first derivatives at x, by the graph. */
function withDerivatives(at: Float64Array, orders: number, f: (g: ReturnType<typeof createBuilder>, x: Node) => Node): Float64Array[] {
  const g = createBuilder('float64');
  const x = g.input('x', [at.length]);
  const nodes = [f(g, x)];
  for (let order = 1; order <= orders; order++) nodes.push(gradient(g, g.sum(nodes.at(-1)!), [x])[0]!);
  return evaluate(nodes, { x: at }) as Float64Array[];
}

function activationPicture(name: string, options: Options): Picture {
  const x = range(-4, 4, 321);
  const activation = entry('activation', name);
  const [value, first, second] = withDerivatives(x, 2, (g, node) => activation.apply(g, node, options)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const curves = [
    { label: 'φ', values: value },
    { label: 'φ′', values: first },
    { label: 'φ″', values: second },
  ];
  return {
    form: 'curves',
    caption: activation.piecewiseLinear ? 'φ and φ′; φ″ is 0 between the kinks' : 'φ and its derivatives, as the network sees them',
    xLabel: 'x',
    x,
    curves: activation.piecewiseLinear ? curves.slice(0, 2) : curves,
  };
}

function lossPicture(name: string, options: Options): Picture {
  const x = range(-4, 4, 161);
  const loss = entry('loss', name);
  const ofLabel = loss.targets !== 'values';
  const [value, slope] = withDerivatives(x, 1, (g, z) => {
    const own = g.reshape(z, [x.length, 1]);
    const outputs = ofLabel ? g.concat([own, g.constant(0, [x.length, 1])], 1) : own;
    const targets = ofLabel ? g.constant(new Int32Array(x.length), [x.length], 'int32') : g.constant(1, [x.length, 1]);
    return loss.each(g, outputs, targets, options);
  }) as [Float64Array, Float64Array];
  return {
    form: 'curves',
    caption: ofLabel ? 'Two classes; the other output is 0' : 'One output, target 1',
    xLabel: ofLabel ? 'output of the label' : 'output',
    x,
    curves: [
      { label: 'loss', values: value },
      { label: 'slope', values: slope },
    ],
  };
}

function schedulePicture(name: string, options: Options): Picture {
  const steps = 1000;
  const schedule = entry('schedule', name);
  const x = Float64Array.from({ length: steps }, (_, t) => t);
  return {
    form: 'curves',
    caption: `Factor on the learning rate in a run of ${steps.toLocaleString('en')} steps`,
    xLabel: 'step',
    x,
    curves: [{ label: 'factor', values: x.map((t) => schedule.factor(t, steps, options)) }],
  };
}

/** ReLU, for inits that ask for the run's activation. */
const relu: InitRequest['activation'] = (points) => ({
  value: points.map((x) => Math.max(x, 0)),
  slope: points.map((x) => (x > 0 ? 1 : 0)),
});

function initPicture(name: string, options: Options): Picture {
  const [n, blocks] = [96, 200];
  const init = entry('init', name);
  const request: InitRequest = { shape: [n, n], fanIn: n, fanOut: n, kind: 'hidden', place: 'hidden', branch: null, activation: relu };
  if (init.drawSeries) {
    const small = { ...request, shape: [2, 2], fanIn: 2, fanOut: 2, kind: 'branch' as const };
    const series = Array.from({ length: blocks }, () => ({ ...small, branch: { index: 0, of: 1, blocks } }));
    const kernels = init.drawSeries(rng(1, 'init'), series, options);
    return {
      form: 'curves',
      caption: `Three weights over the ${blocks} blocks of a residual network, times √n`,
      xLabel: 'block',
      x: range(1, blocks, blocks),
      curves: [0, 1, 2].map((i) => ({ label: `w${'₁₂₃'[i]}`, values: Float64Array.from(kernels, (kernel) => kernel[i]! * Math.SQRT2) })),
    };
  }
  const weights = init.draw(rng(1, 'init'), request, options).map((weight) => weight * Math.sqrt(n));
  const widest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  return {
    ...histogram(weights, Math.max(1, widest) * (1 + 1e-9), 61),
    caption: `${(n * n).toLocaleString('en')} weights of one hidden kernel of width n = ${n}, times √n`,
    xLabel: '√n w',
  };
}

function histogram(values: Float64Array, end: number, bins: number): { form: 'histogram'; edges: Float64Array; density: Float64Array } {
  const density = new Float64Array(bins);
  const width = (2 * end) / bins;
  for (const value of values) density[Math.min(bins - 1, Math.floor((value + end) / width))]! += 1 / (values.length * width);
  return { form: 'histogram', edges: range(-end, end, bins + 1), density };
}

function datasetPicture(name: string, options: Options): Picture | null {
  const dataset = entry('dataset', name);
  if (!dataset.generate) return null;
  const shown = Math.min(Number(options.train), 400);
  const { train } = dataset.generate(rng(Number(options.seed), 'data'), { ...options, train: shown, heldOut: 1 });
  const { inputs, inputSize: d, labels, values, n, imageShape } = train;
  const column = (j: number) => Float64Array.from({ length: n }, (_, i) => inputs[i * d + j]!);
  if (imageShape) {
    const side = imageShape[0];
    const first = Array.from({ length: 10 }, (_, y) => labels!.indexOf(y)).filter((i) => i >= 0);
    return {
      form: 'images',
      caption: 'One sample of each class, as a network is fed it',
      xLabel: '',
      side,
      images: first.map((i) => Float64Array.from(inputs.subarray(i * d, (i + 1) * d))),
    };
  }
  const signs = dataset.range === 'signs';
  if (values && !signs)
    return {
      form: 'points',
      caption: `${n} training samples`,
      xLabel: d === 1 ? 'input' : `first of ${d} inputs`,
      yLabel: 'value',
      x: column(0),
      y: Float64Array.from(values),
      groups: new Int32Array(n),
    };
  return {
    form: 'points',
    caption: `${n} training samples, coloured by ${labels ? 'class' : 'sign'}`,
    xLabel: d <= 2 ? 'first input' : `first of ${d} inputs`,
    yLabel: d > 1 ? 'second input' : '0',
    x: column(0),
    y: d > 1 ? column(1) : new Float64Array(n),
    groups: labels ?? Int32Array.from(values!, (value) => (value > 0 ? 1 : 0)),
  };
}
