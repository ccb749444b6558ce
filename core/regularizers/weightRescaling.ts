/**
 * @file Weight rescaling (WRS): weights in front of a normalization are put back on a fixed norm after the optimizer's step.
 *
 * Known from the paper: the weights are rescaled to unit norm. Granularity, period, the optimizer's momentum and the last layer are our
 * choices, all of them options. The loss does not change (up to ε of the normalization); the effective learning rate stays η/target².
 */
import type { Options, Regularizer } from '../define.ts';
import type { Builder } from '../graph/builder.ts';
import type { Node } from '../graph/node.ts';

/** Axes of a stack [G, in, out] over which one rescaled vector extends. */
const axesOf = (options: Options): number[] => (options.scope === 'filter' ? [1] : [1, 2]);

/** The part of the momentum that the new weights keep. */
function treatMomentum(g: Builder, u: Node, weights: Node, factor: Node, options: Options): Node {
  const axes = axesOf(options);
  if (options.momentum === 'reset') return g.mul(u, 0);
  if (options.momentum === 'rescale') return g.mul(u, factor); // weights shrink by the factor, so gradients grow by it
  const along = g.div(g.sum(g.mul(u, weights), axes, true), g.square(g.norm(weights, axes, true)));
  return g.sub(u, g.mul(weights, along)); // project
}

export const weightRescaling: Regularizer = {
  card: {
    name: 'weightRescaling',
    title: 'Weight rescaling (WRS)',
    formula: 'w \\leftarrow c\\, w/\\|w\\|',
    about:
      'For weights directly followed by a normalization, whose scale the loss does not see. Biases, scales, shifts and the readout are left alone.',
    source: 'Liu, Cui, Wan, Mao and Chan 2022; options are our choice',
  },
  fields: {
    every: { type: 'integer', title: 'Period', unit: 'steps', min: 1, max: 1_000_000, default: 1 },
    scope: {
      type: 'choice',
      title: 'Scope',
      choices: ['filter', 'layer'],
      default: 'filter',
      about: 'Each column of the kernel by itself, or the kernel as a whole.',
    },
    target: {
      type: 'choice',
      title: 'Target norm',
      choices: ['unit', 'init', 'value'],
      default: 'unit',
      about: 'One, the norm at the initialization, or a number of yours.',
    },
    targetValue: {
      type: 'number',
      title: 'Target value',
      symbol: 'c',
      min: 0,
      max: 1e6,
      default: 1,
      exclusiveMin: true,
      about: 'Used with the target “value”.',
    },
    momentum: {
      type: 'choice',
      title: 'Momentum',
      choices: ['keep', 'project', 'rescale', 'reset'],
      default: 'keep',
      about: 'What becomes of the optimizer’s momentum when the weights are rescaled.',
    },
    applyAtInit: { type: 'boolean', title: 'Rescale at the initialization', default: true },
  },
  after(g, { after, slots, initial, step }, options) {
    const axes = axesOf(options);
    const every = options.every as number;
    const target =
      options.target === 'init' ? g.norm(initial(), axes, true) : options.target === 'unit' ? 1 : (options.targetValue as number);
    const factor = g.div(g.norm(after, axes, true), target); // by how much too long
    const rescaled = g.div(after, factor);
    const momentum =
      slots.momentum && options.momentum !== 'keep' ? treatMomentum(g, slots.momentum, rescaled, factor, options) : slots.momentum;
    const treated: Record<string, Node> = momentum ? { ...slots, momentum } : { ...slots };
    if (every === 1) return { weights: rescaled, slots: treated };
    const turns = g.div(step, every);
    const due = g.equal(turns, g.floor(turns)); // [] 1 where the step is a multiple of the period
    return {
      weights: g.where(due, rescaled, after),
      slots: Object.fromEntries(
        Object.entries(treated).map(([name, node]) => [name, node === slots[name] ? node : g.where(due, node, slots[name]!)]),
      ),
    };
  },
  initial(weights, shape, options) {
    if (!options.applyAtInit || options.target === 'init') return weights;
    const [fanIn, fanOut] = shape as [number, number];
    const target = options.target === 'unit' ? 1 : (options.targetValue as number);
    const column = (at: number) => (options.scope === 'filter' ? at % fanOut : 0);
    const squares = new Float64Array(fanOut);
    for (let at = 0; at < fanIn * fanOut; at++) squares[column(at)]! += weights[at]! ** 2;
    return weights.map((value, at) => (target * value) / Math.sqrt(squares[column(at)]!));
  },
  appliesTo: ({ role }, { scaleInvariant }, { scope }) =>
    role === 'weight' && (scaleInvariant === 'filter' || (scaleInvariant === 'layer' && scope === 'layer')),
};
