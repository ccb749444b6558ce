/** @file What a training step offers to the metrics, in few nodes: norms and inner products of whole stacks, and where each layer's lie. */
import type { Pass } from '../define.ts';
import type { Piece, Recorded, StepMoment } from '../metrics/moments.ts';
import type { Builder } from '../graph/builder.ts';
import { dot, nonZero } from '../graph/compose.ts';
import { sizeOf, type Node } from '../graph/node.ts';
import { leadingAxes } from '../graph/shapes.ts';
import { ofMembers, type RunPlan } from './plan.ts';

export interface StepParts {
  readonly loss: Node; // []
  readonly hits: Node | null; // [B]
  /** In the order of the plan's stacks, [G, …] each. */
  readonly weights: readonly Node[];
  readonly gradients: readonly Node[];
  readonly changes: readonly Node[];
  /** The weights that the step ends with. */
  readonly after?: readonly Node[];
  readonly taps: Pass['taps'];
  readonly learningRate: Node;
  /** In the order of the plan's stacks: [] or [G, 1, …]. */
  readonly layerRates?: readonly Node[];
  /** Share of the gradient's values that were clipped, []. */
  readonly clippedFraction?: Node;
}

/** A tensor by itself of this many values (256 KiB) does not stay in the caches until the end of a step. */
const large = 65_536;

export function stepMoment(g: Builder, plan: RunPlan, parts: StepParts): StepMoment {
  const { weights, gradients, changes, after, taps } = parts;
  const kernels = plan.stacks.flatMap(({ role }, i) => (role === 'weight' ? [i] : []));
  const isLarge = (i: number) => weights[i]!.shape[0] === 1 && sizeOf(weights[i]!.shape) >= large;
  const beside = (i: number) => (after && isLarge(i) ? { beside: after[i]! } : {});
  /** One number per kernel, from each stack at once. */
  const perLayer = (ofStack: (i: number) => Piece): Recorded => ({
    pieces: kernels.map((i) => ({ ...ofStack(i), ...beside(i) })),
    order: plan.kernelOrder,
  });
  // a change that is the gradient times a number (SGD) costs no passes of its own: its norm and product are the gradient's, scaled
  const norms = (stacks: readonly Node[]) => perLayer((i) => scaled(g, stacks[i]!, (x) => g.norm(x, memberAxes(x)), g.abs));
  const dots = (stacks: readonly Node[]) => perLayer((i) => scaled(g, stacks[i]!, (x) => dot(g, weights[i]!, x, memberAxes(x))));
  const gradientNorm = norms(gradients);
  const others = gradients.filter((_, i) => !kernels.includes(i)).map((stack) => ({ values: g.norm(stack) }));
  return {
    loss: parts.loss,
    accuracy: parts.hits && known(g.mul(g.sum(parts.hits), 1 / sizeOf(parts.hits.shape))),
    weightNorm: norms(weights),
    gradientNorm,
    changeNorm: norms(changes),
    weightDotGradient: dots(gradients),
    weightDotChange: dots(changes),
    changeAcross: pulledAlong(plan) ? perLayer((i) => ({ values: acrossNorm(g, weights[i]!, changes[i]!) })) : null,
    activationRms: known(rootMeanSquares(g, taps)),
    deadFraction: plan.activation.switchesOff ? deadFractions(g, taps) : null,
    learningRate: single(parts.learningRate),
    layerLearningRate: (parts.layerRates ?? []).every((rate) => rate === parts.learningRate)
      ? null
      : perLayer((i) => ({ values: g.broadcastTo(g.reshape(parts.layerRates![i]!, [-1]), [weights[i]!.shape[0]!]) })),
    gradientNorms: { pieces: [...gradientNorm.pieces, ...others] },
    clippedFraction: parts.clippedFraction ? single(parts.clippedFraction) : null,
  };
}

/** True where decay, rescaling or a parameterization that forgets its start shrinks or stretches the weights: then most of a change may lie along them. */
const pulledAlong = ({ stacks, scalings, optimizer, spec }: RunPlan): boolean =>
  stacks.some(({ treatment }) => treatment === 'rescale' || (treatment === 'decay' && spec.regularizer.coefficient !== 0)) ||
  [...scalings.values()].some(({ kept }) => kept !== 1) ||
  (optimizer.ownDecay?.(spec.optimizer) ?? 0) > 0;

/**
 * ‖Δ - w⟨w, Δ⟩/‖w‖²‖ for each member: from the norms and the inner product alone it has half the digits of what it is taken from, and where
 * gradients have vanished decay is all of a change. Costs 5 to 13% of a step, which runs without decay or rescaling do not pay.
 */
function acrossNorm(g: Builder, weights: Node, change: Node): Node {
  const axes = memberAxes(weights);
  const size = nonZero(g, g.norm(weights, axes));
  const share = g.div(g.div(dot(g, weights, change, axes), size), size); // in two steps: the square may underflow
  const along = g.mul(weights, g.reshape(share, ofMembers(weights.shape)));
  return g.norm(g.sub(change, along), axes);
}

const single = (values: Node): Recorded => ({ pieces: [{ values }] });
/** After the forward pass. */
const known = (values: Node): Recorded => ({ ...single(values), early: true });

/** All axes of a stack but the first, which runs over its members. */
const memberAxes = ({ shape }: Node): number[] => shape.map((_, axis) => axis).slice(1);

/**
 * `of(x)` for a function that is linear in x up to the sign, with scalar factors of x taken out.
 *
 * @param alike what becomes of the factor on the way
 */
function scaled(g: Builder, x: Node, of: (x: Node) => Node, alike = (factor: Node): Node => factor): Piece {
  const [a, b] = x.op === 'mul' ? (x.inputs as [Node, Node]) : [];
  if (!a || !b || (a.shape.length > 0 && b.shape.length > 0)) return { values: of(x) };
  const [scalar, rest] = a.shape.length === 0 ? [a, b] : [b, a];
  const { values, factor } = scaled(g, rest, of, alike);
  return { values, factor: factor ? g.mul(factor, alike(scalar)) : alike(scalar) };
}

function rootMeanSquares(g: Builder, taps: Pass['taps']): Node {
  const norms = taps.map(({ activation }) => g.reshape(g.norm(activation), [1]));
  const scales = Float64Array.from(taps, ({ activation }) => 1 / Math.sqrt(sizeOf(activation.shape)));
  return g.mul(g.concat(norms, 0), g.constant(scales)); // [L]
}

/** The largest magnitude of each unit (of each channel, over all places) in the batch; layers of one width are counted together. */
function deadFractions(g: Builder, taps: Pass['taps']): Recorded {
  const byWidth = Map.groupBy(taps.keys(), (layer) => taps[layer]!.activation.shape.at(-1)!);
  const order = new Int32Array(taps.length);
  let place = 0;
  const shares = [...byWidth].map(([width, layers]) => {
    const totals = layers.map((layer) => {
      order[layer] = place++;
      const { activation } = taps[layer]!;
      return g.reshape(g.sum(g.abs(activation), leadingAxes(activation.shape)), [1, width]);
    });
    return { values: g.mul(g.sum(g.equal(g.concat(totals, 0), 0), [1]), 1 / width) }; // [layers of this width]
  });
  return { pieces: shares, order, early: true };
}
