/** @file Weight decay as an L2 penalty: coupled, the optimizer sees it as part of the gradient. */
import type { Regularizer } from '../define.ts';
import { coefficient, dropoutShare, kernelsOnly } from './coefficients.ts';

export const l2: Regularizer = {
  card: {
    name: 'l2',
    title: 'Weight decay (L2)',
    formula: 'g \\leftarrow g + \\lambda w',
    about:
      'Coupled: added to the gradient before the optimizer. Equal to decoupled weight decay for plain SGD only. Biases, scales and shifts are left alone.',
    source: 'Krogh and Hertz 1991',
  },
  fields: { coefficient, dropout: dropoutShare },
  dropout: ({ dropout }) => dropout as number,
  gradient: (g, weights, gradient, options) => g.add(gradient, g.mul(weights, options.coefficient as number)),
  treatment: kernelsOnly,
};
