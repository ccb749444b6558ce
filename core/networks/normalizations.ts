/** @file The normalizations a network can put before its activations, with their scale and shift. */
import type { Field, Layer, Parameter, PassContext } from '../define.ts';
import type { Builder } from '../graph/builder.ts';
import { mean, variance } from '../graph/compose.ts';
import type { Node } from '../graph/node.ts';

/** Added to the variance, as in PyTorch and TensorFlow's common setting. */
export const epsilon = 1e-5;

export const normalization: Field = {
  type: 'choice',
  title: 'Normalization',
  choices: ['none', 'batchNorm', 'layerNorm'],
  default: 'none',
  about: 'Before each activation, with a learned scale and shift. After it the scale of the weights does not matter.',
};

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
export function normalized(g: Builder, kind: unknown, h: Node, prefix: string, { parameter, statisticsRows }: PassContext): Node {
  if (kind === 'none') return h;
  const z =
    kind === 'layerNorm'
      ? g.normalize(h, [-1], epsilon)
      : statisticsRows === h.shape[0]
        ? g.normalize(h, [0], epsilon)
        : byLeadingRows(g, h, statisticsRows);
  return g.add(g.mul(z, parameter(`${prefix}.normalization.scale`)), parameter(`${prefix}.normalization.shift`));
}

function byLeadingRows(g: Builder, h: Node, rows: number): Node {
  const sample = g.slice(h, 0, 0, rows);
  return g.div(g.sub(h, mean(g, sample, [0], true)), g.sqrt(g.add(variance(g, sample, [0], true), epsilon)));
}
