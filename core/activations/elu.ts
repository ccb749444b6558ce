/** @file Linear above 0, saturating at -α below; with α = 1 the derivative has no jump. */
import type { Activation } from '../define.ts';
import { exponentialBelow } from '../graph/compose.ts';

export const elu: Activation = {
  card: {
    name: 'elu',
    title: 'ELU',
    formula: 'x\\ (x > 0),\\quad \\alpha (e^x - 1)\\ (x \\le 0)',
    about: 'Linear above 0, saturating at -α below; with α = 1 the derivative has no jump.',
    source: 'Clevert, Unterthiner and Hochreiter 2016',
  },
  fields: { alpha: { type: 'number', title: 'Saturation', symbol: '\\alpha', min: 0, max: 10, default: 1 } },
  apply: (g, x, { alpha }) => exponentialBelow(g, x, alpha as number),
  piecewiseLinear: false,
};
