/** @file Adam with one second moment per layer: gradients are divided by a running norm of the whole tensor's gradient. */
import type { Optimizer } from '../define.ts';
import { learningRate } from './learningRates.ts';

export const novoGrad: Optimizer = {
  card: {
    name: 'novoGrad',
    title: 'NovoGrad',
    formula:
      'v \\leftarrow \\beta_2 v + (1-\\beta_2)\\|g\\|^2,\\quad m \\leftarrow \\beta_1 m + \\bigl(g/(\\sqrt v + \\epsilon) + \\lambda w\\bigr),\\quad w \\leftarrow w - \\eta m',
    about:
      'One number of second moment per parameter tensor, starting at the first ‖g‖²; scaling the loss leaves the steps unchanged up to ε. λ is of every parameter, biases and scales too.',
    source: 'Ginsburg et al. 2019',
  },
  fields: {
    learningRate: learningRate(0.01),
    beta1: { type: 'number', title: 'First moment decay', symbol: '\\beta_1', min: 0, max: 0.9999, default: 0.95 },
    beta2: { type: 'number', title: 'Second moment decay', symbol: '\\beta_2', min: 0, max: 0.999999, default: 0.98 },
    epsilon: { type: 'number', title: 'Epsilon', symbol: '\\epsilon', min: 0, max: 1, default: 1e-8, log: true, exclusiveMin: true },
    decay: { type: 'number', title: 'Weight decay', symbol: '\\lambda', min: 0, max: 100, default: 0 },
    averaging: {
      type: 'boolean',
      title: 'Average gradients',
      default: false,
      about: 'Multiplies what is added to the first moment by 1 - β₁.',
    },
  },
  ownDecay: ({ decay }) => decay as number,
  slots: ['momentum'],
  slotPowers: { momentum: 0, layerSquare: 2 },
  gradientPower: 0,
  memberSlots: ['layerSquare'],
  update(g, { weights, gradient, learningRate: eta, step, slot, memberSlot, inUnits }, options) {
    const { beta1, beta2, epsilon, decay } = options as unknown as Record<string, number>;
    const square = g.square(g.norm(gradient, gradient.shape.map((_, axis) => axis).slice(1), true)); // [G, 1, …]
    const later = g.add(g.mul(memberSlot('layerSquare'), beta2!), g.mul(square, 1 - beta2!));
    const v = g.where(g.equal(step, 1), square, later);
    const direction = g.add(g.div(gradient, g.add(g.sqrt(v), inUnits(epsilon!))), g.mul(weights, inUnits(decay!)));
    const m = g.add(g.mul(slot('momentum'), beta1!), g.mul(direction, options.averaging ? 1 - beta1! : 1));
    return { change: g.mul(m, g.neg(eta)), slots: { momentum: m, layerSquare: v } };
  },
};
