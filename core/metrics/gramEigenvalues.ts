/** @file All eigenvalues of the tangent kernel on the probe batch, largest first. */
import type { Metric } from '../define.ts';

export const gramEigenvalues: Metric = {
  card: {
    name: 'gramEigenvalues',
    title: 'Eigenvalues of the Gram matrix',
    formula: '\\lambda_i(G),\\ G_{bc}=\\textstyle\\sum_k\\langle\\nabla f_k(x_b),\\nabla f_k(x_c)\\rangle',
    about:
      'All eigenvalues of the tangent kernel on the probe batch, largest first. Kernels and biases count, of layers that train; several outputs are summed. 0 stands for what rounding has swallowed.',
    source: 'Jacot, Gabriel and Hongler 2018',
  },
  fields: {},
  axes: ['eigenvalue'],
  cost: 'gram',
  scale: 'log',
  gram: ({ values }) => values(),
};
