/** @file Adam with weight decay beside it, in one entry. */
import type { Optimizer } from '../define.ts';
import { adam } from './adam.ts';

export const adamW: Optimizer = {
  ...adam,
  card: {
    name: 'adamW',
    title: 'AdamW',
    formula: 'w \\leftarrow w - \\eta\\, \\hat m/(\\sqrt{\\hat v} + \\epsilon) - \\eta\\lambda w',
    about:
      'Adam with decoupled decay of every parameter, biases and scales too. For kernels alone choose Adam with decoupled weight decay.',
    source: 'Loshchilov and Hutter 2019',
  },
  fields: {
    ...adam.fields,
    decay: { type: 'number', title: 'Weight decay', symbol: '\\lambda', min: 0, max: 100, default: 0.01 },
  },
  ownDecay: ({ decay }) => decay as number,
  update(g, moment, options) {
    const { change, slots } = adam.update(g, moment, options);
    return { change: g.sub(change, g.mul(moment.weights, g.mul(moment.learningRate, moment.inUnits(options.decay as number)))), slots };
  },
};
