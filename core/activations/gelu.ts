/** @file x times the normal distribution function, exact or by the usual approximation. */
import type { Activation } from '../define.ts';
import { gelu as exact } from '../graph/compose.ts';

export const gelu: Activation = {
  card: {
    name: 'gelu',
    title: 'GELU',
    formula: 'x\\,\\Phi(x)',
    about: 'x times the normal distribution function. The tanh form, ½x(1 + tanh(√(2/π)(x + 0.044715x³))), is up to 5e-4 off.',
    source: 'Hendrycks and Gimpel 2016',
  },
  fields: { form: { type: 'choice', title: 'Form', choices: ['exact', 'tanh'], default: 'exact' } },
  apply(g, x, { form }) {
    if (form !== 'tanh') return exact(g, x);
    const inner = g.mul(g.add(x, g.mul(g.mul(g.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
    return g.mul(x, g.mul(g.add(g.tanh(inner), 1), 0.5));
  },
  piecewiseLinear: false,
};
