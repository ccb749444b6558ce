/** @file The tangent kernel of a wide chain at its initialization is a function of the angles between its inputs. */
import { symmetricEigen } from '../curvature/symmetric.ts';
import type { Prediction } from '../define.ts';
import { tangentKernelOfChain } from '../theory/gramLaws.ts';
import { dualKernels } from '../theory/dualKernels.ts';
import { chainFaults } from './chainLaws.ts';

export const wideGram: Prediction = {
  card: {
    name: 'wideGram',
    title: 'Smallest Gram eigenvalue of a wide chain',
    formula:
      "\\lambda_{min}\\Bigl(K \\sum_{\\ell=1}^{L+1} (A_{\\ell-1} + 1) \\circ D_\\ell\\Bigr),\\quad A_\\ell = n\\,\\mathbb E\\,\\phi(u)\\phi(v),\\ D_\\ell = c\\,\\mathbb E\\,\\phi'(u)\\phi'(v) \\circ D_{\\ell+1}",
    about:
      'Of K outputs, on the run’s own probe batch, where the width goes to infinity; the 1 is the biases’, where there are any. A network with fewer units than samples lies below.',
    source: 'Jacot, Gabriel and Hongler 2018; Panigrahi, Shetty and Goyal 2020',
  },
  fields: {},
  metric: 'gramSmallest',
  symbol: 'n → ∞',
  when: 'start',
  unmet: chainFaults,
  expect({ spec: { network, activation }, data }, _, __, seen) {
    const probe = seen?.probe();
    if (!probe) return null;
    const kernel = tangentKernelOfChain(probe, {
      depth: Number(network.depth),
      width: Number(network.width),
      bias: Boolean(network.bias),
      outputs: data.outputs,
      gain: activation.kind === 'linear' ? 1 : 2,
      kernels: dualKernels[activation.kind === 'linear' ? 'linear' : 'relu'](),
    });
    const { values } = symmetricEigen(kernel, probe.length);
    const [largest, smallest] = [values[0]!, values.at(-1)!];
    return { value: [smallest > 1e-14 * largest ? smallest : 0] }; // below it is rounding, as the metric has it
  },
};
