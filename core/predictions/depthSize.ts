/** @file The size of the activations of a chain across depth, from the first layer's measured one. */
import type { Prediction } from '../define.ts';
import { chainFaults, chainLawOf, deviations } from './chainLaws.ts';

export const depthSize: Prediction = {
  card: {
    name: 'depthSize',
    title: 'Activation size by the log-normal law',
    formula: '\\|x_\\ell\\| \\approx \\|x_1\\|\\, e^{(\\ell-1)\\,m_n/2 \\,\\pm\\, \\sqrt{(\\ell-1)\\,v_n}}',
    about:
      'Typical size (median of the log-normal law) of the activations of a Gaussian chain at initialization. The root mean square over a batch leans to its largest samples and lies somewhat higher.',
    source: 'Orvieto, Kohler, Pavllo, Hofmann and Lucchi 2022; per-layer values derived here',
  },
  fields: {},
  metric: 'activationNorm',
  symbol: '‖x₁‖e^(ℓmₙ/2)',
  when: 'start',
  unmet: chainFaults,
  expect(plan, _, start) {
    if (!start) return null;
    const { law, depth } = chainLawOf(plan);
    const at = (sign: number) =>
      plan.network.layers.map((_, i) =>
        i < depth ? start[0]! * Math.exp((i * law.mean) / 2 + (sign * deviations * Math.sqrt(i * law.variance)) / 2) : NaN,
      );
    return { value: at(0), low: at(-1), high: at(1) };
  },
};
