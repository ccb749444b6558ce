/**
 * @file Weight rescaling (WRS): weights in front of a normalization are put back on a fixed norm after the optimizer's step.
 *
 * Known from the paper: the weights are rescaled to unit norm. Granularity, period, the optimizer's momentum and the last layer are our
 * choices, all of them options. The loss does not change (up to ε of the normalization); the effective learning rate stays η/target².
 */
import type { Options, Regularizer } from '../define.ts';
import type { Builder } from '../graph/builder.ts';
import { nonZero } from '../graph/compose.ts';
import type { Node } from '../graph/node.ts';
import { dropoutShare } from './coefficients.ts';

/** Axes of a stack [G, …in, out] over which one rescaled vector extends. */
const axesOf = (options: Options, { shape }: Node): number[] =>
  shape.map((_, axis) => axis).slice(1, options.scope === 'filter' ? -1 : undefined);

/** What becomes of the optimizer's memory, which grows with the gradient like its `power`: of gradients (1), of their squares (2), of solved steps (-1). */
function treatSlot(g: Builder, slot: Node, power: number, weights: Node, factor: Node, options: Options): Node {
  if (options.momentum === 'rescale') return grown(g, slot, power, factor);
  if (power === 2) return slot;
  if (options.momentum === 'reset') return g.mul(slot, 0);
  const axes = axesOf(options, weights);
  const along = g.div(g.sum(g.mul(slot, weights), axes, true), nonZero(g, g.square(g.norm(weights, axes, true))));
  return g.sub(slot, g.mul(weights, along)); // project
}

/** Weights shrink by the factor, so gradients grow by it. A number of a whole layer says nothing of its filters' shares: it finds its way by itself. */
function grown(g: Builder, slot: Node, power: number, factor: Node): Node {
  const whole = slot.shape.every((n, axis) => n >= factor.shape[axis]!);
  if (power === 0 || !whole) return slot;
  const by = Math.abs(power) === 2 ? g.square(factor) : factor;
  return power < 0 ? g.div(slot, by) : g.mul(slot, by);
}

export const weightRescaling: Regularizer = {
  card: {
    name: 'weightRescaling',
    title: 'Weight rescaling (WRS)',
    formula: 'w \\leftarrow c\\, w/\\|w\\|',
    about:
      'For weights directly followed by a normalization, whose scale the loss does not see. Biases, scales and shifts are left alone; other weights have a decay of their own.',
    source: 'Liu, Cui, Wan, Mao and Chan 2022; options are our choice',
  },
  fields: {
    every: { type: 'integer', title: 'Period', min: 1, max: 1_000_000, default: 1 },
    unit: {
      type: 'choice',
      title: 'Unit of the period',
      choices: ['steps', 'epochs'],
      default: 'steps',
      about: 'An epoch ends with the step that takes the last example of a pass through the training set.',
    },
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
    lastLayerDecay: {
      type: 'number',
      title: 'Decay of the other weights',
      symbol: '\\lambda',
      min: 0,
      max: 100,
      default: 0,
      about: 'Coupled L2 on weights that no normalization follows, such as the readout.',
    },
    dropout: dropoutShare,
  },
  dropout: ({ dropout }) => dropout as number,
  gradient: (g, weights, gradient, options, treatment) =>
    treatment === 'decay' ? g.add(gradient, g.mul(weights, options.lastLayerDecay as number)) : gradient,
  after(g, { after, slots, powerOf, initial, step, epochEnded }, options, treatment) {
    if (treatment !== 'rescale') return { weights: after, slots };
    const axes = axesOf(options, after);
    const every = options.every as number;
    const target = options.target === 'init' ? nonZero(g, g.norm(initial(), axes, true)) : fixedTarget(options);
    const factor = g.div(nonZero(g, g.norm(after, axes, true)), target); // by how much too long
    const rescaled = g.div(after, factor);
    const inEpochs = options.unit === 'epochs';
    const turns = g.div(inEpochs ? epochEnded : step, every);
    const whole = g.equal(turns, g.floor(turns)); // [] 1 where the number is a multiple of the period, 0 one of them
    const due = inEpochs ? g.mul(whole, g.step(turns)) : every === 1 ? null : whole;
    const when = (now: Node, otherwise: Node) => (due && now !== otherwise ? g.where(due, now, otherwise) : now);
    const treated = (name: string, slot: Node) =>
      options.momentum === 'keep' ? slot : when(treatSlot(g, slot, powerOf(name), rescaled, factor, options), slot);
    return {
      weights: when(rescaled, after),
      slots: Object.fromEntries(Object.entries(slots).map(([name, slot]) => [name, treated(name, slot)])),
    };
  },
  initial(weights, shape, options, treatment) {
    if (treatment !== 'rescale' || !options.applyAtInit || options.target === 'init') return weights;
    const fanOut = shape.at(-1)!;
    const column = (at: number) => (options.scope === 'filter' ? at % fanOut : 0);
    const squares = new Float64Array(fanOut);
    weights.forEach((value, at) => (squares[column(at)]! += value ** 2));
    return weights.map((value, at) => (fixedTarget(options) * value) / Math.sqrt(squares[column(at)]! || 1));
  },
  treatment({ role }, { scaleInvariant }, { scope, lastLayerDecay }) {
    if (role !== 'weight') return null;
    if (scaleInvariant === 'filter' || (scaleInvariant === 'layer' && scope === 'layer')) return 'rescale';
    return (lastLayerDecay as number) > 0 ? 'decay' : null;
  },
};

const fixedTarget = ({ target, targetValue }: Options): number => (target === 'unit' ? 1 : (targetValue as number));
