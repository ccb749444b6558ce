/** @file The logarithm of a sample's activation norm walks down with the depth: a line with a band that widens as the root. */
import type { Prediction } from '../define.ts';
import { chainFaults, chainLawOf, deviations } from './chainLaws.ts';

export const depthLaw: Prediction = {
  card: {
    name: 'depthLaw',
    title: 'Log-normal law of depth',
    formula:
      'q_\\ell \\sim \\mathcal N(\\ell\\,m_n,\\ \\ell\\,v_n),\\quad m_n \\approx -\\tfrac{5}{2n},\\ v_n \\approx \\tfrac5n\\ \\text{(ReLU)}',
    about:
      'Log of the squared activation against the input, of one sample in a chain of Gaussian weights at initialization; mean and variance of a layer are exact, by digamma functions. The mean over a batch varies less than the band.',
    source: 'Orvieto, Kohler, Pavllo, Hofmann and Lucchi 2022; Hanin and Nica 2020; per-layer values derived here',
  },
  fields: {},
  metric: 'activationGrowth',
  symbol: 'ℓ mₙ',
  when: 'start',
  unmet: chainFaults,
  expect(plan) {
    const { law, depth } = chainLawOf(plan);
    const at = (sign: number) =>
      plan.network.layers.map((_, i) => (i < depth ? (i + 1) * law.mean + sign * deviations * Math.sqrt((i + 1) * law.variance) : NaN));
    return { value: at(0), low: at(-1), high: at(1) };
  },
};
