/** @file In a He-initialized ReLU chain all samples come to look alike: the share of the variance between them falls by a map. */
import type { Prediction } from '../define.ts';
import { sampleVarianceFractions } from '../theory/depthLaws.ts';
import { hasActivation, hasInit, hasNormalization, isChain, isStandard, unmet, withoutDropout } from './assumptions.ts';

export const sampleVarianceMap: Prediction = {
  card: {
    name: 'sampleVarianceMap',
    title: 'Decay of the sample variance',
    formula: '1 - c_\\ell,\\quad c_{\\ell+1} = \\tfrac1\\pi\\bigl(\\sqrt{1-c_\\ell^2} + (\\pi - \\arccos c_\\ell)\\,c_\\ell\\bigr)',
    about:
      'He’s variance keeps the total activity, but correlations between samples go to 1. For wide layers and centred inputs that are not correlated with each other.',
    source: 'Luther and Seung 2019',
  },
  fields: {},
  metric: 'sampleVarianceFraction',
  symbol: '1 - c_ℓ',
  when: 'start',
  unmet: (plan) =>
    unmet(
      isChain(plan),
      hasNormalization(plan, 'none'),
      hasActivation(plan, 'relu'),
      hasInit(plan, 'he'),
      isStandard(plan),
      withoutDropout(plan),
    ),
  expect: ({ network: { layers } }) => ({ value: sampleVarianceFractions(layers.length) }),
};
