/** @file Cuts every value of the gradient off at a largest magnitude. */
import type { Clipping } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import { threshold } from './thresholds.ts';

export const value: Clipping = {
  card: {
    name: 'value',
    title: 'By value',
    formula: 'g_i \\leftarrow \\max(-c, \\min(c, g_i))',
    about:
      'Cuts each value off by itself, which turns the direction; before any weight decay is added. Under a parameterization g is the gradient by m^-a W.',
    source: 'definition',
  },
  fields: { threshold: threshold(0.1, 'Largest magnitude') },
  clip(g, gradients, _, options) {
    const limit = options.threshold as number;
    const count = gradients.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const cut = gradients.map((gradient) => g.sum(g.greater(g.abs(gradient), limit))).reduce((sum, of) => g.add(sum, of));
    return {
      gradients: gradients.map((gradient) => g.minimum(g.maximum(gradient, -limit), limit)),
      fraction: g.mul(cut, 1 / count),
    };
  },
};
