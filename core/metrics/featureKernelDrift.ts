/** @file How far the kernel of what leaves each layer has moved from the initialization. */
import type { Metric } from '../define.ts';
import { norm, perLayer } from './moments.ts';

export const featureKernelDrift: Metric = {
  card: {
    name: 'featureKernelDrift',
    title: 'Drift of the feature kernel',
    formula: '\\|K_t-K_0\\|_F/\\|K_0\\|_F,\\ K=X_\\ell X_\\ell^\\top/n_\\ell',
    about: 'How far the kernel of what leaves each layer has moved from the initialization: 0 where no features are learned.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'gram',
  scale: 'log',
  since: 'initial',
  gram: perLayer(({ features, initialFeatures }) => norm(features.map((value, i) => value - initialFeatures[i]!)) / norm(initialFeatures)),
};
