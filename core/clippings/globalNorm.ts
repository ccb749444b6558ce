/** @file Shortens the gradient of the whole network to a norm it may not exceed; its direction stays. */
import type { Clipping } from '../define.ts';
import { threshold } from './thresholds.ts';

export const globalNorm: Clipping = {
  card: {
    name: 'globalNorm',
    title: 'By the global norm',
    formula: 'g \\leftarrow g \\min(1, c/\\|g\\|)',
    about:
      'One factor for all parameters, so that the direction stays; at most c long before any weight decay is added. Under a parameterization g is the gradient by m^-a W.',
    source: 'Pascanu, Mikolov and Bengio 2013',
  },
  fields: { threshold: threshold(1, 'Largest norm') },
  clip(g, gradients, norm, options) {
    const limit = options.threshold as number;
    const factor = g.div(limit, g.maximum(norm, limit)); // [] exactly 1 below the threshold
    return { gradients: gradients.map((gradient) => g.mul(gradient, factor)), fraction: g.greater(norm, limit) };
  },
};
