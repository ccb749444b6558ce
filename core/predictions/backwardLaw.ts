/** @file Backwards a chain obeys the law of forwards: the derivative shrinks from the readout down to the first layer. */
import type { Prediction } from '../define.ts';
import { chainFaults, chainLawOf, deviations } from './chainLaws.ts';

export const backwardLaw: Prediction = {
  card: {
    name: 'backwardLaw',
    title: 'Log-normal law of the backward pass',
    formula: '\\frac{\\|\\delta^\\ell\\|}{\\|\\delta^{L+1}\\|} \\approx e^{(L+1-\\ell)\\,m_n/2 \\,\\pm\\, \\sqrt{(L+1-\\ell)\\,v_n}}',
    about:
      'Typical back-propagated derivative of a Gaussian chain at initialization against the readout’s: the forward law, read downwards.',
    source: 'Orvieto, Kohler, Pavllo, Hofmann and Lucchi 2022; per-layer values derived here',
  },
  fields: {},
  metric: 'deltaRatio',
  symbol: 'e^((L+1-ℓ)mₙ/2)',
  when: 'start',
  unmet: chainFaults,
  expect(plan) {
    const { law, depth } = chainLawOf(plan);
    const at = (sign: number) =>
      plan.network.layers.map((_, i) =>
        Math.exp(((depth - i) * law.mean) / 2 + (sign * deviations * Math.sqrt((depth - i) * law.variance)) / 2),
      );
    return { value: at(0), low: at(-1), high: at(1) };
  },
};
