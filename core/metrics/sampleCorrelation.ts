/** @file Mean cosine between the activations of two samples of the probe batch. */
import type { Metric } from '../define.ts';
import { norm, perLayer } from './moments.ts';
import { samplesOf } from './sampleArithmetic.ts';

export const sampleCorrelation: Metric = {
  card: {
    name: 'sampleCorrelation',
    title: 'Correlation of the samples',
    formula: '\\overline{\\cos(x_b^\\ell, x_c^\\ell)},\\ b \\ne c',
    about: 'Mean cosine between the activations of two samples of the probe batch: towards 1 the layer no longer tells them apart.',
    source: 'Poole, Lahiri, Raghu, Sohl-Dickstein and Ganguli 2016',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'linear',
  samples: perLayer(({ activation }) => {
    // Σ_b≠c u_b·u_c = |Σ u_b|² - B for unit vectors u
    const units = samplesOf(activation).map((x) => {
      const length = norm(x);
      return x.map((value) => value / length);
    });
    const total = units[0]!.map((_, j) => units.reduce((sum, u) => sum + u[j]!, 0));
    const n = units.length;
    return n > 1 ? (norm(total) ** 2 - n) / (n * (n - 1)) : NaN; // one sample has no other
  }),
};
