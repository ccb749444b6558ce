/** @file What a training step offers to the metrics, in few nodes: norms and inner products of whole stacks, put in the order of the layers. */
import type { Pass } from '../define.ts';
import type { StepMoment } from '../metrics/moments.ts';
import type { Builder } from '../graph/builder.ts';
import { dot, globalNorm } from '../graph/compose.ts';
import { sizeOf, type Node } from '../graph/node.ts';
import { leadingAxes } from '../graph/shapes.ts';
import type { RunPlan } from './plan.ts';

export interface StepParts {
  readonly loss: Node; // []
  readonly hits: Node | null; // [B]
  /** In the order of the plan's stacks, [G, …] each. */
  readonly weights: readonly Node[];
  readonly gradients: readonly Node[];
  readonly changes: readonly Node[];
  readonly taps: Pass['taps'];
  readonly learningRate: Node;
  /** In the order of the plan's stacks: [] or [G, 1, …]. */
  readonly layerRates?: readonly Node[];
  /** Share of the gradient's values that were clipped, []. */
  readonly clippedFraction?: Node;
}

export function stepMoment(g: Builder, plan: RunPlan, parts: StepParts): StepMoment {
  const { weights, gradients, changes, taps } = parts;
  const kernels = plan.stacks.flatMap(({ role }, i) => (role === 'weight' ? [i] : []));
  /** One number per kernel, from each stack at once. */
  const perLayer = (ofStack: (i: number) => Node): Node => inOrder(g, g.concat(kernels.map(ofStack), 0), plan.kernelOrder); // [L]
  // a change that is the gradient times a number (SGD) costs no passes of its own: its norm and product are the gradient's, scaled
  const norms = (stacks: readonly Node[]) => perLayer((i) => scaled(g, stacks[i]!, (x) => g.norm(x, memberAxes(x)), true));
  const dots = (stacks: readonly Node[]) => perLayer((i) => scaled(g, stacks[i]!, (x) => dot(g, weights[i]!, x, memberAxes(x))));
  return {
    loss: parts.loss,
    accuracy: parts.hits && g.mul(g.sum(parts.hits), 1 / sizeOf(parts.hits.shape)),
    weightNorm: norms(weights),
    gradientNorm: norms(gradients),
    changeNorm: norms(changes),
    weightDotGradient: dots(gradients),
    weightDotChange: dots(changes),
    activationRms: rootMeanSquares(g, taps),
    deadFraction: plan.activation.piecewiseLinear ? deadFractions(g, taps) : null,
    learningRate: parts.learningRate,
    layerLearningRate: (parts.layerRates ?? []).every((rate) => rate === parts.learningRate)
      ? null
      : perLayer((i) => g.broadcastTo(g.reshape(parts.layerRates![i]!, [-1]), [weights[i]!.shape[0]!])),
    gradientGlobalNorm: globalNorm(g, gradients),
    clippedFraction: parts.clippedFraction ?? null,
  };
}

/** All axes of a stack but the first, which runs over its members. */
const memberAxes = ({ shape }: Node): number[] => shape.map((_, axis) => axis).slice(1);

/** `of(x)` for a function that is linear (or absolutely so) in x, with scalar factors of x taken out. */
function scaled(g: Builder, x: Node, of: (x: Node) => Node, absolute = false): Node {
  const [a, b] = x.op === 'mul' ? (x.inputs as [Node, Node]) : [];
  if (!a || !b || (a.shape.length > 0 && b.shape.length > 0)) return of(x);
  const [factor, rest] = a.shape.length === 0 ? [a, b] : [b, a];
  return g.mul(scaled(g, rest, of, absolute), absolute ? g.abs(factor) : factor);
}

const inOrder = (g: Builder, x: Node, order: Int32Array): Node =>
  order.every((place, i) => place === i) ? x : g.gather(x, g.constant(order));

function rootMeanSquares(g: Builder, taps: Pass['taps']): Node {
  const norms = taps.map(({ activation }) => g.reshape(g.norm(activation), [1]));
  const scales = Float64Array.from(taps, ({ activation }) => 1 / Math.sqrt(sizeOf(activation.shape)));
  return g.mul(g.concat(norms, 0), g.constant(scales)); // [L]
}

/** The largest magnitude of each unit (of each channel, over all places) in the batch; layers of one width are counted together. */
function deadFractions(g: Builder, taps: Pass['taps']): Node {
  const byWidth = Map.groupBy(taps.keys(), (layer) => taps[layer]!.activation.shape.at(-1)!);
  const order = new Int32Array(taps.length);
  let place = 0;
  const shares = [...byWidth].map(([width, layers]) => {
    const totals = layers.map((layer) => {
      order[layer] = place++;
      const { activation } = taps[layer]!;
      return g.reshape(g.sum(g.abs(activation), leadingAxes(activation.shape)), [1, width]);
    });
    return g.mul(g.sum(g.equal(g.concat(totals, 0), 0), [1]), 1 / width); // [layers of this width]
  });
  return inOrder(g, g.concat(shares, 0), order); // [L]
}
