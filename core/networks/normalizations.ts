/** @file The normalizations a network can put before its activations, with their scale and shift. */
import type { Field, Layer, Options, Parameter, PassContext } from '../define.ts';
import type { Builder } from '../graph/builder.ts';
import { mean, variance } from '../graph/compose.ts';
import type { Node } from '../graph/node.ts';
import { leadingAxes } from '../graph/shapes.ts';

const normalization: Field = {
  type: 'choice',
  title: 'Normalization',
  choices: ['none', 'batchNorm', 'layerNorm'],
  default: 'none',
  about: 'Before each activation, with a learned scale and shift. After it the scale of the weights does not matter.',
};

const epsilon: Field = {
  type: 'number',
  title: 'Normalization epsilon',
  symbol: '\\epsilon',
  min: 0,
  max: 1,
  default: 1e-5,
  log: true,
  about: 'Added to the variance. The function is independent of the weights’ scale only as far as ε is small against the variance.',
};

export const normalizationFields = { normalization, epsilon };

export const invariance = (kind: unknown): Layer['scaleInvariant'] =>
  kind === 'batchNorm' ? 'filter' : kind === 'layerNorm' ? 'layer' : false;

export function normalizationParameters(kind: unknown, prefix: string, width: number, layer: number): Parameter[] {
  if (kind === 'none') return [];
  const shared = { shape: [width], fanIn: 1, fanOut: 1, layer };
  return [
    { name: `${prefix}.normalization.scale`, role: 'scale', ...shared },
    { name: `${prefix}.normalization.shift`, role: 'shift', ...shared },
  ];
}

/** γ (h - mean)/√(var + ε) + β; batch statistics come from the leading rows of the context. */
export function normalized(g: Builder, options: Options, h: Node, prefix: string, { parameter, statisticsRows }: PassContext): Node {
  const kind = options.normalization;
  const epsilon = options.epsilon as number;
  if (kind === 'none') return h;
  const z =
    kind === 'layerNorm'
      ? g.normalize(h, overUnits(h), epsilon)
      : statisticsRows === h.shape[0]
        ? g.normalize(h, leadingAxes(h.shape), epsilon)
        : byLeadingRows(g, h, statisticsRows, epsilon);
  return g.add(g.mul(z, parameter(`${prefix}.normalization.scale`)), parameter(`${prefix}.normalization.shift`));
}

/** Every axis but the first: the units, at all places of an image. */
const overUnits = (h: Node): number[] => h.shape.map((_, axis) => axis).slice(1);

/** Each unit by mean and variance of the first rows. */
export function byLeadingRows(g: Builder, h: Node, rows: number, epsilon: number): Node {
  const sample = g.slice(h, 0, 0, rows);
  const axes = leadingAxes(h.shape);
  return g.div(g.sub(h, mean(g, sample, axes, true)), g.sqrt(g.add(variance(g, sample, axes, true), epsilon)));
}
