/** @file Periodic: for functions with known frequencies, and for kernels in closed form. */
import type { Activation } from '../define.ts';

export const sine: Activation = {
  card: {
    name: 'sine',
    title: 'Sine',
    formula: '\\sin(\\omega x)',
    about: 'Periodic: for functions with known frequencies, and for kernels in closed form.',
    source: 'Sitzmann, Martel, Bergman, Lindell and Wetzstein 2020',
  },
  fields: { frequency: { type: 'number', title: 'Frequency', symbol: '\\omega', min: 0, max: 100, default: 1, exclusiveMin: true } },
  apply: (g, x, { frequency }) => g.sin(g.mul(x, frequency as number)),
  piecewiseLinear: false,
};
